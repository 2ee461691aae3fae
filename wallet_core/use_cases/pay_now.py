"""Ask the worker to pay what is queued on a chain now, instead of when it is due."""

from __future__ import annotations

from wallet_core.domain.changes import Advance
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail
from wallet_core.domain.rails import FORMS
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_allowed, use_case


@use_case(Access.FINANCE)
async def pay_now(ports: Ports, caller: Caller, asset: Asset, code: str) -> None:
    """Raises ``Rail.pay_asked`` with the admin's own code; the worker forms a batch as soon as it sees that.

    Raises ``Refused``: NOT_FOUND for an unknown rail, RAIL_OFF while it pays nothing, CHANGED_MEANWHILE when somebody
    else asked at the same moment, the code's.
    """
    rail = await _payable(ports, asset)
    posting = Posting(
        f"pay_now:{new_id()}",
        "pay_now_asked",
        caller.name,
        changes=(
            if_allowed(ports, caller.person, Access.FINANCE),
            Advance(Rail, asset, "pay_asked", rail.pay_asked, rail.pay_asked + 1),
        ),
        people=(caller.person,),
        facts={"asset": asset, "asked": rail.pay_asked + 1},
    )
    await post_with_code(ports, caller, code, posting)


async def _payable(ports: Ports, asset: Asset) -> Rail:
    rail = await ports.store.get(Rail, asset)
    if rail is None:
        raise Refused(Reason.NOT_FOUND, what="rail")
    # It would be heard when payouts are resumed, at a time that nobody chose.
    if rail.alarm is not None or rail.state not in FORMS:
        raise Refused(Reason.RAIL_OFF, asset=asset, rail=rail.state, alarm=rail.alarm)
    return rail
