"""Decide about a withdrawal that the policies put up for review."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.approval import Approval, ApprovalKind, ApprovalState
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import approval_saying, asking
from wallet_core.use_cases.approving.withdrawal import wanted_withdrawal
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.decisions import decide_approval
from wallet_core.use_cases.gate import if_trusted, use_case
from wallet_core.use_cases.reviews import approved_posting, refused_posting, reviewed, waiting_approvals


@use_case(Access.FINANCE)
async def review_withdrawal(
    ports: Ports, caller: Caller, withdrawal_id: str, approve: bool, code: str, *, why: str = ""
) -> Approval | None:
    """Queues the payout, or gives the money back and tells the person ``why``, with the admin's own code.

    Above ``REVIEW_TWO_ADMINS_ABOVE`` the first who approves asks the others, and the second one queues it: then the
    approval is returned. Raises ``AlreadyDone`` with the withdrawal when it was decided before, or with the approval
    when the caller has asked already, and ``Refused``: NOT_FOUND, NOT_ALLOWED for one's own withdrawal, FROZEN for an
    admin who is, or what is wrong with the code.
    """
    withdrawal = await reviewed(ports, caller, withdrawal_id)
    if withdrawal.state is not PayoutState.REVIEW:
        raise AlreadyDone(withdrawal)
    if approve and withdrawal.amount_minor > ports.settings.itd("review_two_admins_above"):
        return await _with_another(ports, caller, withdrawal, code)
    posting = (
        await approved_posting(ports, caller, withdrawal)
        if approve
        else await refused_posting(ports, caller, withdrawal, why)
    )
    allowed = if_trusted(ports, caller.person, Access.FINANCE)
    try:
        await post_with_code(ports, caller, code, replace(posting, changes=(*allowed, *posting.changes)))
    except Refused as refused:
        # Another admin, or the person, was faster.
        if refused.reason is Reason.WRONG_STATE:
            raise AlreadyDone(await reviewed(ports, caller, withdrawal_id)) from refused
        raise
    return None


async def _with_another(ports: Ports, caller: Caller, withdrawal: Withdrawal, code: str) -> Approval:
    """The first of two asks; the second one's yes is the answer, wherever they give it."""
    wanted = wanted_withdrawal(withdrawal)
    waiting = [one for one in await waiting_approvals(ports, withdrawal, caller) if one.what == wanted]
    if waiting and waiting[0].asked_by == caller.person:
        raise AlreadyDone(waiting[0])
    if waiting:
        return await decide_approval(ports, caller, waiting[0].id, code, ApprovalState.APPROVED)
    asked = await approval_saying(ports, caller, ApprovalKind.WITHDRAWAL, withdrawal.id, wanted)
    await post_with_code(ports, caller, code, await asking(ports, asked))
    return asked
