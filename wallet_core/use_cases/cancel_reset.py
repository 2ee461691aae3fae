"""End a reset with a code of the device that it would replace."""

from __future__ import annotations

from wallet_core.domain.access_reset import PAUSE_AFTER_CANCELLING
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import ending_of_reset, guards_of
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def cancel_reset(ports: Ports, caller: Caller, code: str) -> None:
    """The freeze that came with it ends, and for a week nobody asks for another.

    Raises ``Refused``: WRONG_STATE where none is under way, or what the code lacks.
    """
    guards = await guards_of(ports, caller.person)
    ending = await ending_of_reset(ports, guards, pause=PAUSE_AFTER_CANCELLING)
    if not ending:
        raise Refused(Reason.WRONG_STATE, what="reset", state="")
    posting = Posting(
        f"reset_cancelled:{new_id()}",
        "reset_cancelled",
        caller.name,
        changes=ending.changes,
        messages=ending.messages,
        people=(caller.person,),
        facts={"reset": guards.reset},
    )
    await post_with_code(ports, caller, code, posting)
