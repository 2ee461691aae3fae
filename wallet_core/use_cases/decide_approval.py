"""Approve what another admin asked for, or refuse it."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.approval import Approval, ApprovalState, check_decider, decided
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import if_allowed
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import After, Ports
from wallet_core.use_cases.approvals import CARRIED, check_asked, told_to_others
from wallet_core.use_cases.codes import accepted_code, post_decided
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def approve(ports: Ports, caller: Caller, approval_id: str, code: str) -> Approval:
    """Carries out what was asked, with the caller's own code, exactly as it was asked: for a mass send, starts it.

    Raises ``AlreadyDone`` with the approval when it was decided before, and ``Refused``: NOT_FOUND, NOT_ALLOWED for
    whoever asked, EXPIRED, CHANGED_MEANWHILE when something in it is not what was asked any more, what carrying it out
    demands (for a mass send as ``start_mass_send``), or what is wrong with the code.
    """
    return await _decide(ports, caller, approval_id, code, ApprovalState.APPROVED)


@use_case(Access.FINANCE)
async def refuse_approval(ports: Ports, caller: Caller, approval_id: str, code: str) -> Approval:
    """Nothing comes of it. With the caller's own code; errors as ``approve`` has them."""
    return await _decide(ports, caller, approval_id, code, ApprovalState.REFUSED)


@use_case(Access.FINANCE)
async def show_approvals(ports: Ports, caller: Caller) -> list[Approval]:
    """What waits for another pair of eyes and is not over, the oldest first; one's own among them."""
    waiting = {"state": ApprovalState.ASKED, "expires_at": After(await ports.store.now())}
    return await ports.store.find(Approval, waiting, order_by=("created_at", "_id"))


async def _decide(ports: Ports, caller: Caller, approval_id: str, code: str, to: ApprovalState) -> Approval:
    approval = await _asked(ports, caller, approval_id)
    # What cannot be carried out anyhow costs no code.
    await _posting(ports, caller, approval, to)
    consume = await accepted_code(ports, caller, code)

    async def decide() -> Posting:
        return await _posting(ports, caller, approval, to)

    await post_decided(ports, caller, consume, decide)
    return await _of(ports, approval_id)


async def _of(ports: Ports, approval_id: str) -> Approval:
    approval = await ports.store.get(Approval, approval_id)
    if approval is None:
        raise Refused(Reason.NOT_FOUND, what=Approval.collection)
    return approval


async def _asked(ports: Ports, caller: Caller, approval_id: str) -> Approval:
    approval = await _of(ports, approval_id)
    check_decider(approval, caller.person)
    if approval.state is not ApprovalState.ASKED:
        raise AlreadyDone(approval)
    if await ports.store.now() > approval.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=approval.expires_at)
    check_asked(ports, approval)
    return approval


async def _posting(ports: Ports, caller: Caller, approval: Approval, to: ApprovalState) -> Posting:
    """What is carried out, together with the answer and the admin who gave it."""
    carried = CARRIED[approval.kind]
    end = carried.approved if to is ApprovalState.APPROVED else carried.refused
    posting = await end(ports, caller, approval)
    mac = ports.vault.mac(approval.decided_terms(caller.person)) if to is ApprovalState.APPROVED else ""
    answered = approval.model_copy(update={"state": to, "decided_by": caller.person})
    return replace(
        posting,
        changes=(
            if_allowed(caller.person, Access.FINANCE),
            decided(approval, to, caller.person, mac),
            *posting.changes,
        ),
        messages=(*posting.messages, *await told_to_others(ports, answered)),
    )
