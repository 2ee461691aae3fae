"""Carry a move out whose wait is over: the account answers to another Telegram id from now on."""

from __future__ import annotations

from wallet_core.domain.account_move import (
    AccountMove,
    Identify,
    MoveState,
    completed,
    if_empty,
    move_message,
    move_over,
    unless_frozen_by_admin,
)
from wallet_core.domain.chat import Draft
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.identities import new_stranger, telegram_of
from wallet_core.use_cases.moves import own_move


@use_case(Access.ANYONE)
async def complete_move(ports: Ports, caller: Caller, move_id: str) -> AccountMove:
    """Nothing of the account changes, only who speaks for it; the former Telegram id gets an empty account.

    Raises ``Refused``: NOT_FOUND, NOT_YOURS, NOT_YET, WRONG_STATE when it was cancelled, HAS_WALLET, FROZEN by an
    admin. Raises ``InvariantViolated`` for a move that nobody proved with both codes.
    """
    move = await own_move(ports, caller, move_id)
    if move.state is MoveState.WAITING and not ports.vault.mac_fits(move.proved_terms(), move.mac):
        raise InvariantViolated(f"move {move.id} was never proved")
    former, stranger = await telegram_of(ports, move.person), new_stranger()
    done = move.model_copy(update={"state": MoveState.DONE})
    posting = Posting(
        f"account_moved:{move.id}",
        "account_moved",
        caller.name,
        changes=(
            completed(move),
            unless_frozen_by_admin(move.person),
            if_empty(move.asker),
            move_over(move.person, move.id),
            Identify(former, stranger, before=move.person, mac=ports.vault.mac),
            Identify(move.telegram, move.person, before=move.asker, mac=ports.vault.mac),
        ),
        # The first is read in the new chat, the second in the former one: each account is written to where it is.
        messages=(move_message(done, move.person), Message(stranger, "account_moved_away")),
        people=(move.person,),
        facts={"move": move.id, "from": former, "to": move.telegram},
    )
    await ports.ledger.post(posting)
    # What the former chat was asked is not to be answered in the new one.
    await ports.store.remove(Draft, move.person)
    return done
