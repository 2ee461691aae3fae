"""Say as the first of two admins that whoever asks for a reset is who they say, or that they are not."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.access_reset import AccessReset, ResetState, ended, reset_message, reset_over
from wallet_core.domain.approval import Approval, ApprovalKind, ApprovalState
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import approval_saying, asking
from wallet_core.use_cases.approving.access_reset import HISTORY, what_of
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_allowed, use_case
from wallet_core.use_cases.resets import reset_of

_WITH_DOCUMENTS = 2


@use_case(Access.FINANCE)
async def check_reset(ports: Ports, caller: Caller, reset_id: str, how: str, code: str) -> AccessReset:
    """``how`` is DOCUMENTS or HISTORY, by which the admin knows the person, or empty to refuse. Takes a code.

    Another admin has to agree. Raises ``AlreadyDone`` for a reset that waits no more for a check, and ``Refused``:
    NOT_FOUND, NOT_ALLOWED for one's own, UNDER_WAY while another admin is asked, DOCUMENTS_UNSEEN by HISTORY of
    somebody who has documents with us, or what the code lacks.
    """
    reset = await reset_of(ports, reset_id)
    if reset.person == caller.person:
        raise Refused(Reason.NOT_ALLOWED)
    if reset.state is not ResetState.ASKED:
        raise AlreadyDone(reset)
    if how == HISTORY and reset.level >= _WITH_DOCUMENTS:
        raise Refused(Reason.DOCUMENTS_UNSEEN)
    await _refuse_asked(ports, reset)
    posting = await _asking(ports, caller, reset, how) if how else _refusal(ports, caller, reset)
    await post_with_code(ports, caller, code, posting)
    return await reset_of(ports, reset_id)


async def _refuse_asked(ports: Ports, reset: AccessReset) -> None:
    approval = await ports.store.get(Approval, reset.approval) if reset.approval else None
    if approval and approval.state is ApprovalState.ASKED and approval.expires_at > await ports.store.now():
        raise Refused(Reason.UNDER_WAY)


async def _asking(ports: Ports, caller: Caller, reset: AccessReset, how: str) -> Posting:
    checked = reset.model_copy(update={"checked_by": caller.person, "checked_how": how})
    approval = await approval_saying(ports, caller, ApprovalKind.ACCESS_RESET, reset.id, what_of(checked))
    posting = await asking(ports, approval)
    fields = {"checked_by": caller.person, "checked_how": how, "approval": approval.id}
    before = {"approval": reset.approval}
    noted = Move(AccessReset, reset.id, frozenset({ResetState.ASKED}), ResetState.ASKED, fields, before)
    return replace(posting, changes=(*posting.changes, noted))


def _refusal(ports: Ports, caller: Caller, reset: AccessReset) -> Posting:
    refused = reset.model_copy(update={"state": ResetState.REFUSED})
    return Posting(
        f"reset_refused:{new_id()}",
        "reset_refused",
        caller.name,
        changes=(
            if_allowed(ports, caller.person, Access.FINANCE),
            ended(reset, ResetState.REFUSED),
            reset_over(reset.person, reset.id),
        ),
        messages=(reset_message(refused),),
        people=(reset.person, caller.person),
        facts={"reset": reset.id},
    )
