"""End a move that waits: from the account's chat, or from the one that asked."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import ending_of_move, guards_of
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.moves import move_of


@use_case(Access.ANYONE)
async def cancel_move(ports: Ports, caller: Caller, move_id: str) -> None:
    """The account stays where it is. Takes no code: whoever holds the telephone may stop, but not start.

    Raises ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE when it ended before.
    """
    move = await move_of(ports, move_id)
    if caller.person not in (move.person, move.asker):
        raise Refused(Reason.NOT_YOURS)
    guards = await guards_of(ports, move.person)
    ending = await ending_of_move(ports, guards)
    if guards.move != move.id or not ending:
        raise Refused(Reason.WRONG_STATE, what="move", state=move.state)
    posting = Posting(
        f"move_cancelled:{new_id()}",
        "move_cancelled",
        caller.name,
        changes=ending.changes,
        messages=ending.messages,
        people=(move.person,),
        facts={"move": move.id},
    )
    await ports.ledger.post(posting)
