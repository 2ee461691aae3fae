"""What several use cases do about resets and moves that are under way: find them, end them, tell of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from wallet_core.domain import access_reset, account_move
from wallet_core.domain.access_reset import AccessReset, ResetState, reset_message, reset_over
from wallet_core.domain.account_move import AccountMove, MoveState, move_message, move_over
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Message, Posting, Receipt
from wallet_core.domain.record import Change
from wallet_core.ports import Ports

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Ending:
    """What belongs into the posting that ends a reset or a move, or both."""

    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()

    def and_(self, other: Ending) -> Ending:
        """Both at once."""
        return Ending((*self.changes, *other.changes), (*self.messages, *other.messages))

    def __bool__(self) -> bool:
        return bool(self.changes)


async def guards_of(ports: Ports, person: int) -> Guards:
    """A person's guards; fresh ones for somebody who has none."""
    return await ports.store.get(Guards, person) or Guards(id=person)


async def ending_of_reset(ports: Ports, guards: Guards, *, pause: timedelta | None = None) -> Ending:
    """Ends the reset of this person that is under way, if there is one."""
    reset = await ports.store.get(AccessReset, guards.reset) if guards.reset else None
    if reset is None:
        return Ending()
    over = reset.model_copy(update={"state": ResetState.CANCELLED})
    changes = (access_reset.ended(reset, ResetState.CANCELLED), reset_over(guards.id, reset.id, pause=pause))
    return Ending(changes, (reset_message(over),))


async def ending_of_move(ports: Ports, guards: Guards) -> Ending:
    """Ends the move of this account that is under way, if there is one; both sides are told."""
    move = await ports.store.get(AccountMove, guards.move) if guards.move else None
    if move is None:
        return Ending()
    over = move.model_copy(update={"state": MoveState.CANCELLED})
    changes = (account_move.ended(move, MoveState.CANCELLED), move_over(guards.id, move.id))
    return Ending(changes, (move_message(over, move.person), move_message(over, move.asker)))


async def endings(ports: Ports, guards: Guards) -> Ending:
    """Ends whatever is under way."""
    return (await ending_of_reset(ports, guards)).and_(await ending_of_move(ports, guards))


async def post_as_it_is(ports: Ports, decide: Callable[[], Awaitable[Posting]]) -> Receipt:
    """Posts what is decided on what is read now, and anew while something else moves in between."""
    for _ in range(_TRIES - 1):
        try:
            return await ports.ledger.post(await decide())
        except Refused as refused:
            if refused.reason not in (Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE):
                raise
    return await ports.ledger.post(await decide())
