"""Show the move that one asked for, or that is under way with one's own account."""

from __future__ import annotations

from wallet_core.domain.account_move import AccountMove
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.moves import move_asked_by


@use_case(Access.ANYONE)
async def show_move(ports: Ports, caller: Caller) -> AccountMove | None:
    """The one that waits; None where there is none."""
    own = (await guards_of(ports, caller.person)).move
    return await ports.store.get(AccountMove, own) if own else await move_asked_by(ports, caller)
