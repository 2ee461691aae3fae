"""What use cases about moves to another Telegram id share."""

from __future__ import annotations

from wallet_core.domain.account_move import AccountMove, MoveState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.identities import caller_of


async def move_of(ports: Ports, move_id: str | None) -> AccountMove:
    """The move. Raises ``Refused(NOT_FOUND)``."""
    move = await ports.store.get(AccountMove, move_id) if move_id else None
    if move is None:
        raise Refused(Reason.NOT_FOUND, what=AccountMove.collection)
    return move


async def own_move(ports: Ports, caller: Caller, move_id: str) -> AccountMove:
    """The move that the caller asked for. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    move = await move_of(ports, move_id)
    if move.asker != caller.person:
        raise Refused(Reason.NOT_YOURS)
    return move


async def move_asked_by(ports: Ports, caller: Caller) -> AccountMove | None:
    """The caller's move that waits."""
    where = {"asker": caller.person, "state": MoveState.WAITING}
    found = await ports.store.find(AccountMove, where, limit=1)
    return found[0] if found else None


async def speaks_for(ports: Ports, telegram: int, caller: Caller) -> bool:
    """Whether a Telegram id is the caller's own."""
    return await caller_of(ports, telegram) == caller
