"""How what an admin asked for is answered by another one, or taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from wallet_core.domain.approval import Approval, ApprovalState, check_decider, decided
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import OPERATOR, Access, Caller
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import CARRIED, approval_of, check_asked, people_of, told_of
from wallet_core.use_cases.codes import accepted_code, post_decided
from wallet_core.use_cases.gate import admit, if_allowed, if_trusted


async def decide_approval(ports: Ports, caller: Caller, approval_id: str, code: str, to: ApprovalState) -> Approval:
    """The answer, with the admin's own code, and what comes of it, in one posting; see ``approve``."""
    approval = await waiting(ports, caller, approval_id)
    await admit(ports, caller, CARRIED[approval.kind].approves)
    # What cannot be carried out anyhow costs no code.
    await answering(ports, caller, approval, to)
    consume = await accepted_code(ports, caller, code)

    async def decide() -> Posting:
        return await answering(ports, caller, approval, to)

    async with second_look(decide):
        await post_decided(ports, caller, consume, decide)
    return await approval_of(ports, approval_id)


@asynccontextmanager
async def second_look(decide: Callable[[], Awaitable[Posting]]) -> AsyncIterator[None]:
    """The key of some postings is the number of a change: where somebody was faster with it, deciding again says so."""
    try:
        yield
    except InvariantViolated:
        await decide()
        raise


async def waiting(ports: Ports, caller: Caller, approval_id: str) -> Approval:
    """One that waits for an answer, and not for one of the caller's.

    Raises ``AlreadyDone`` with it when it has one, and ``Refused`` NOT_FOUND, NOT_ALLOWED or EXPIRED.
    """
    approval = await approval_of(ports, approval_id)
    check_decider(approval, caller.person)
    await check_open(ports, approval)
    return approval


async def check_open(ports: Ports, approval: Approval) -> None:
    """Raises ``AlreadyDone`` with it when it was answered, and ``Refused(EXPIRED)``."""
    if approval.state is not ApprovalState.ASKED:
        raise AlreadyDone(approval)
    if await ports.store.now() > approval.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=approval.expires_at)
    check_asked(ports, approval)


async def answering(ports: Ports, caller: Caller, approval: Approval, to: ApprovalState) -> Posting:
    """What is carried out, together with the answer and who gave it."""
    carried, approves = CARRIED[approval.kind], to is ApprovalState.APPROVED
    if approves:
        await carried.ready(ports, caller, approval)
    if approves and approval.asked_by != OPERATOR:
        await admit(ports, Caller(approval.asked_by), carried.asks)
    posting = await (carried.approved if approves else carried.refused)(ports, caller, approval)
    mac = ports.vault.mac(approval.decided_terms(caller.person)) if approves else ""
    answered = approval.model_copy(update={"state": to, "decided_by": caller.person})
    return replace(
        posting,
        changes=(
            *_who(ports, caller, approval, to),
            decided(approval, to, caller.person, mac),
            *posting.changes,
        ),
        messages=(*posting.messages, *await told_of(ports, answered)),
        people=tuple(dict.fromkeys((*posting.people, *people_of(answered)))),
    )


def _who(ports: Ports, caller: Caller, approval: Approval, to: ApprovalState) -> tuple[Change, ...]:
    """Both are still entitled, and neither froze their wallet: who did may have lost the device that gives codes."""
    carried = CARRIED[approval.kind]
    if to is ApprovalState.WITHDRAWN:
        return (if_allowed(ports, caller.person, carried.asks),)
    if to is ApprovalState.REFUSED:
        return () if caller.person == OPERATOR else (if_allowed(ports, caller.person, carried.approves),)
    return (*_entitled(ports, caller.person, carried.approves), *_entitled(ports, approval.asked_by, carried.asks))


def _entitled(ports: Ports, person: int, access: Access) -> tuple[Change, ...]:
    return () if person == OPERATOR else if_trusted(ports, person, access)
