"""Let a hot wallet work again after the worker froze it."""

from __future__ import annotations

from wallet_core.domain.alert import Alert, CloseAlert, alert_id
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mode import shutting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_trusted, use_case
from wallet_core.use_cases.switchboard import switchboard


@use_case(Access.OWNER)
async def clear_alarm(ports: Ports, caller: Caller, asset: Asset, code: str) -> None:
    """Clears the alarm that the owner has looked into; payouts stay paused until they are resumed.

    Raises ``Refused``: NOT_FOUND where there is no alarm, CHANGED_MEANWHILE when it is another one, the code's.
    """
    rail = await ports.store.get(Rail, asset)
    if rail is None or rail.alarm is None:
        raise Refused(Reason.NOT_FOUND, what="alarm")
    fields = {"alarm": None, "alarm_at": None, "switched_why": f"{rail.alarm} was cleared"}
    cleared = Move(
        Rail, asset, frozenset(RailState), RailState.PAUSED, fields, expected={"alarm": rail.alarm}, stamp="switched_at"
    )
    board, alert = await switchboard(ports), await ports.store.get(Alert, _alert_of(rail.alarm, asset))
    is_open = alert is not None and alert.closed_at is None
    posting = Posting(
        f"alarm_cleared:{new_id()}",
        "alarm_cleared",
        caller.name,
        changes=(
            *if_trusted(ports, caller.person, Access.OWNER),
            cleared,
            *shutting(board, [asset], shut=False),
            *((CloseAlert.of(alert, caller.person),) if alert and is_open else ()),
        ),
        people=(caller.person,),
        facts={"asset": asset, "alarm": rail.alarm},
    )
    await post_with_code(ports, caller, code, posting)


def _alert_of(alarm: str, asset: Asset) -> str:
    """A rail bears the alarm's name, and after it what it is about."""
    return alert_id(alarm.partition(" ")[0], asset)
