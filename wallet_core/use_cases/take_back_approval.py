"""Take back what one asked the other admins for."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import approval_of
from wallet_core.use_cases.decisions import answering, check_open
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def take_back_approval(ports: Ports, caller: Caller, approval_id: str) -> Approval:
    """By whoever asked, without a code: nothing comes of it.

    Raises ``AlreadyDone`` with the approval when it was decided, and ``Refused`` NOT_FOUND, NOT_YOURS or EXPIRED.
    """
    approval = await approval_of(ports, approval_id)
    if approval.asked_by != caller.person:
        raise Refused(Reason.NOT_YOURS)
    await check_open(ports, approval)
    undone = await answering(ports, caller, approval, ApprovalState.WITHDRAWN)
    await ports.ledger.post(
        Posting(
            f"approval_taken_back:{approval.id}",
            "approval_taken_back",
            caller.name,
            changes=undone.changes,
            messages=undone.messages,
            people=undone.people,
            facts=undone.facts,
        )
    )
    return await approval_of(ports, approval_id)
