"""Pause, close or resume the withdrawals of a chain."""

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


@use_case(Access.FINANCE)
async def set_rail(ports: Ports, caller: Caller, asset: Asset, state: RailState, code: str) -> None:
    """Sets the switch with the admin's own code. A worker's alarm stays: see ``clear_alarm``.

    Raises ``Refused``: NOT_FOUND for an unknown rail, CHANGED_MEANWHILE when it was switched in between, the code's.
    """
    rail = await ports.store.get(Rail, asset)
    if rail is None:
        raise Refused(Reason.NOT_FOUND, what="rail")
    others = frozenset(RailState)
    posting = Posting(
        f"rail:{new_id()}",
        "rail_switched",
        caller.name,
        changes=(
            if_allowed(ports, caller.person, Access.FINANCE),
            Move(Rail, asset, others, state, expected={"state": rail.state}),
        ),
        people=(caller.person,),
        facts={"asset": asset, "before": rail.state, "after": state},
    )
    await post_with_code(ports, caller, code, posting)
