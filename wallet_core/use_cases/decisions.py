"""How an admin answers what another one asked for."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.approval import Approval, ApprovalState, check_decider, decided
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import if_allowed, unless_frozen
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import CARRIED, check_asked, told_to_others
from wallet_core.use_cases.codes import accepted_code, post_decided


async def decide_approval(ports: Ports, caller: Caller, approval_id: str, code: str, to: ApprovalState) -> Approval:
    """The answer, with the admin's own code, and what comes of it, in one posting; see ``approve``."""
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
    # Who froze their wallet may have lost the device that gives the codes.
    own = (unless_frozen(caller.person),) if to is ApprovalState.APPROVED else ()
    return replace(
        posting,
        changes=(
            if_allowed(caller.person, Access.FINANCE),
            *own,
            decided(approval, to, caller.person, mac),
            *posting.changes,
        ),
        messages=(*posting.messages, *await told_to_others(ports, answered)),
    )
