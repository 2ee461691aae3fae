"""Begin to move an account to the Telegram account that asks, with a recovery code of it."""

from __future__ import annotations

from wallet_core.domain.account_move import PROVING, AccountMove, if_empty
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.codes import new_id, take_code_attempt
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.moves import speaks_for


@use_case(Access.ANYONE)
async def begin_move(ports: Ports, caller: Caller, telegram: int, account: int, recovery_code: str) -> AccountMove:
    """The recovery code comes first: it cannot be guessed, so no stranger gets as far as using up tries for codes.

    What is tried is counted on whoever asks and nothing of it on the account. ``telegram`` is the id that asks,
    ``account`` the number of the account. Raises ``Refused``: HAS_WALLET where the asker has a wallet, CODE_LOCKED, and
    WRONG_RECOVERY_CODE, also for an account that there is not.
    """
    if not await speaks_for(ports, telegram, caller):
        raise Refused(Reason.NOT_YOURS)
    if_empty(caller.person).change(await guards_of(ports, caller.person), await ports.store.now())
    await take_code_attempt(ports, caller, with_recovery_code=True)
    guards = await guards_of(ports, account)
    number = await ports.recovery_codes.number_of(recovery_code, guards.recovery_hashes)
    if number is None or not guards.enrolled:
        raise Refused(Reason.WRONG_RECOVERY_CODE)
    move = AccountMove(
        id=new_id(),
        person=account,
        telegram=telegram,
        asker=caller.person,
        recovery_number=number,
        expires_at=await ports.store.now() + PROVING,
    )
    posting = Posting(
        f"move:{move.id}",
        "move_begun",
        caller.name,
        changes=(if_empty(caller.person), Insert(move, stamp="created_at")),
        facts={"move": move.id, "account": account},
    )
    await ports.ledger.post(posting)
    return move
