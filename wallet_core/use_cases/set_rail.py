"""Pause, finish, drain, close or resume the withdrawals of a chain, or of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mode import shutting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.rails import FORMS, SHUT
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_allowed, if_trusted, use_case
from wallet_core.use_cases.switchboard import switchboard
from wallet_core.use_cases.told_admins import WHY_LENGTH, told_to_admins


@use_case(Access.FINANCE)
async def set_rail(
    ports: Ports, caller: Caller, asset: Asset | None, state: RailState, code: str, *, why: str = ""
) -> None:
    """Sets the switch with the admin's own code; without an asset, those of all chains. Every admin is told.

    A worker's alarm stays: see ``clear_alarm``. Raises ``Refused``: NOT_FOUND for an unknown rail, CHANGED_MEANWHILE
    when it was switched in between, the code's.
    """
    rails = await _rails(ports, asset)
    assets, why = tuple(rail.id for rail in rails), why[:WHY_LENGTH]
    facts = {"asset": " ".join(assets), "before": " ".join(rail.state for rail in rails), "after": state, "why": why}
    posting = Posting(
        f"rail:{new_id()}",
        "rail_switched",
        caller.name,
        changes=(*_may(ports, caller, state), *await _switching(ports, rails, state, why)),
        messages=await told_to_admins(ports, "rail_switched", by=caller.person, after=state, why=why, rails=assets),
        people=(caller.person,),
        facts=facts,
    )
    await post_with_code(ports, caller, code, posting)


def _may(ports: Ports, caller: Caller, state: RailState) -> tuple[Change, ...]:
    """Whoever is frozen still stops what is paid, and does not let it go on."""
    who = (ports, caller.person, Access.FINANCE)
    return if_trusted(*who) if state in FORMS else (if_allowed(*who),)


async def _rails(ports: Ports, asset: Asset | None) -> list[Rail]:
    rails = [rail for rail in await ports.store.find(Rail, {}) if asset in (None, rail.id)]
    # Nothing is paid out by card.
    found = [rail for rail in rails if asset or rail.id is not Asset.USD]
    if not found:
        raise Refused(Reason.NOT_FOUND, what="rail")
    return found


async def _switching(ports: Ports, rails: Sequence[Rail], state: RailState, why: str) -> tuple[Change, ...]:
    """The moves of rails that were read, and what the switchboard knows of them."""
    moves = (
        Move(
            Rail,
            rail.id,
            frozenset(RailState),
            state,
            {"switched_why": why},
            expected={"state": rail.state},
            stamp="switched_at",
        )
        for rail in rails
    )
    board = await switchboard(ports)
    return (*moves, *shutting(board, [rail.id for rail in rails], shut=state in SHUT))
