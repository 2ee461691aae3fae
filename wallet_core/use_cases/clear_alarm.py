"""Let a hot wallet work again after the worker froze it."""

from __future__ import annotations

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_allowed, use_case


@use_case(Access.OWNER)
async def clear_alarm(ports: Ports, caller: Caller, asset: Asset, code: str) -> None:
    """Clears the alarm that the owner has looked into; payouts stay paused until they are resumed.

    Raises ``Refused``: NOT_FOUND where there is no alarm, CHANGED_MEANWHILE when it is another one, the code's.
    """
    rail = await ports.store.get(Rail, asset)
    if rail is None or rail.alarm is None:
        raise Refused(Reason.NOT_FOUND, what="alarm")
    cleared = Move(Rail, asset, frozenset(RailState), RailState.PAUSED, {"alarm": None}, expected={"alarm": rail.alarm})
    posting = Posting(
        f"alarm_cleared:{new_id()}",
        "alarm_cleared",
        caller.name,
        changes=(if_allowed(ports, caller.person, Access.OWNER), cleared),
        people=(caller.person,),
        facts={"asset": asset, "alarm": rail.alarm},
    )
    await post_with_code(ports, caller, code, posting)
