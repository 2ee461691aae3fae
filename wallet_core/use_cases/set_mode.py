"""Switch the whole wallet: everything, withdrawals alone, or nothing."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mode import Mode, switched_to
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import admit, if_allowed, if_trusted, use_case
from wallet_core.use_cases.switchboard import switchboard
from wallet_core.use_cases.told_admins import WHY_LENGTH, told_to_admins

_STRICTNESS: Final = (Mode.OPEN, Mode.WITHDRAW_ONLY, Mode.PAUSED)


@use_case(Access.FINANCE)
async def set_mode(ports: Ports, caller: Caller, mode: Mode, why: str, code: str) -> None:
    """Takes the admin's own code, keeps the reason, and tells every admin. It counts from the posting on, everywhere.

    Whoever is of finance may make it stricter; only an owner lets more go on again. Raises ``Refused``: NOT_ALLOWED,
    WRONG_STATE when it stands there already, CHANGED_MEANWHILE when it was switched in between, the code's.
    """
    board = await switchboard(ports)
    if board.mode is mode:
        raise Refused(Reason.WRONG_STATE, what=board.collection, state=mode)
    is_stricter = _STRICTNESS.index(mode) > _STRICTNESS.index(board.mode)
    access = Access.FINANCE if is_stricter else Access.OWNER
    await admit(ports, caller, access)
    may = (if_allowed(ports, caller.person, access),) if is_stricter else if_trusted(ports, caller.person, access)
    facts = {"before": board.mode, "after": mode, "why": why[:WHY_LENGTH]}
    posting = Posting(
        f"mode:{new_id()}",
        "mode_switched",
        caller.name,
        changes=(*may, switched_to(board, mode, caller.person, why[:WHY_LENGTH])),
        messages=await told_to_admins(ports, "mode_switched", by=caller.person, **facts),
        people=(caller.person,),
        facts=facts,
    )
    await post_with_code(ports, caller, code, posting)
