"""Ask for the move of an account whose recovery code was right, with a code of its device."""

from __future__ import annotations

from datetime import timedelta

from wallet_core.domain.account_move import (
    TRIES,
    AccountMove,
    MoveState,
    ended,
    if_empty,
    move_begun,
    move_message,
    move_tried,
    proved,
    recovery_code_spent,
)
from wallet_core.domain.changes import Advance
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import ending_of_reset, guards_of
from wallet_core.use_cases.codes import accepted_code, new_id, post_consuming
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.moves import move_of, own_move


@use_case(Access.ANYONE)
async def ask_move(ports: Ports, caller: Caller, move_id: str, code: str) -> AccountMove:
    """From now on it waits ``MOVE_WAIT_SECONDS``, and the account's chat is told. Both codes are used up.

    After three wrong codes the recovery code is used up as well, so that one that was found is no way to lock the
    account's codes. A reset that is under way ends. Raises ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE, EXPIRED,
    HAS_WALLET, UNDER_WAY, or what the code lacks.
    """
    move = await own_move(ports, caller, move_id)
    account = Caller(move.person)
    await _count(ports, caller, move)
    try:
        consume = await accepted_code(ports, account, code)
    except Refused as refused:
        if refused.reason is Reason.WRONG_CODE:
            await _fail_after_last(ports, caller, move_id)
        raise
    wait = timedelta(seconds=ports.settings.move_wait_seconds)
    asked = move.model_copy(update={"state": MoveState.WAITING, "due_at": await ports.store.now() + wait})
    ending = await ending_of_reset(ports, await guards_of(ports, move.person))
    posting = Posting(
        f"move_asked:{move.id}",
        "move_asked",
        caller.name,
        changes=(
            if_empty(caller.person),
            proved(move, wait, ports.vault.mac),
            move_begun(move.person, move.id, move.recovery_number),
            *ending.changes,
        ),
        messages=(move_message(asked, move.person), *ending.messages),
        people=(move.person,),
        facts={"move": move.id, "telegram": move.telegram},
    )
    await post_consuming(ports, account, consume, posting)
    return await move_of(ports, move_id)


async def _count(ports: Ports, caller: Caller, move: AccountMove) -> None:
    """Each try is committed before its code is looked at. Raises ``Refused`` WRONG_STATE, EXPIRED or CODE_USED."""
    if move.state is not MoveState.PROVING:
        raise Refused(Reason.WRONG_STATE, what=AccountMove.collection, state=move.state)
    if await ports.store.now() > move.expires_at or move.tries >= TRIES:
        raise Refused(Reason.EXPIRED, expired_at=move.expires_at)
    # A process that was killed after the last try did not use the recovery code up.
    await _fail_after_last(ports, caller, move.id)
    tried = Advance(AccountMove, move.id, "tries", move.tries, move.tries + 1)
    changes = (tried, move_tried(move.person, move.recovery_number))
    await ports.ledger.post(Posting(f"move_tried:{new_id()}", "move_tried", caller.name, changes=changes))


async def _fail_after_last(ports: Ports, caller: Caller, move_id: str) -> None:
    move = await move_of(ports, move_id)
    if (await guards_of(ports, move.person)).move_tries < TRIES:
        return
    posting = Posting(
        f"move_failed:{move.id}",
        "move_failed",
        caller.name,
        changes=(ended(move, MoveState.FAILED), recovery_code_spent(move.person, move.recovery_number)),
        messages=(Message(move.person, "move_failed"),),
        people=(move.person,),
        facts={"move": move.id},
    )
    await ports.ledger.post(posting)
