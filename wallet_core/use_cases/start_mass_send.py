"""Start a mass send that was previewed, or ask another admin to approve it, when the day's are above the limit."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.approval import Approval, ApprovalKind
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_alone import alone_minor
from wallet_core.domain.mass_send import MassSend, MassState, mass_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import asking, new_approval
from wallet_core.use_cases.codes import accepted_code, post_decided
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import check_covered
from wallet_core.use_cases.mass_sends import check_fresh, check_terms, mass_send_of, starting, unchanged


@use_case(Access.FINANCE)
async def start_mass_send(ports: Ports, caller: Caller, mass_send_id: str, code: str) -> MassSend:
    """Takes the payer's own code always. Returns it RUNNING, its whole total set aside, or in APPROVAL.

    Raises ``AlreadyDone`` with the mass send when it was started before, and ``Refused``: NOT_FOUND, NOT_YOURS, EXPIRED
    when its rates are (upload the file again), WRONG_STATE when it was cancelled, INSUFFICIENT_FUNDS, FROZEN, IN_DEBT,
    DISPUTED, CARD_MONEY_YOUNG, or what is wrong with the code. Nothing is set aside then.
    """
    send = await mass_send_of(ports, mass_send_id)
    if send.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    if send.started_at is not None or send.state is MassState.APPROVAL:
        raise AlreadyDone(send)
    await check_fresh(ports, send)
    if send.state is not MassState.PREVIEW:
        raise Refused(Reason.WRONG_STATE, what=MassSend.collection, state=send.state)
    check_terms(ports, send)
    await check_covered(ports, caller.person, send.total_minor)
    consume = await accepted_code(ports, caller, code)

    async def decide() -> Posting:
        guards = await ports.store.get(Guards, caller.person) or Guards(id=caller.person)
        # As it is now: others may have been started since the preview.
        counted = send.model_copy(update={"alone_minor": alone_minor(guards, await ports.store.now())})
        if counted.needs_approval:
            return await _asking(ports, counted, approval)
        return await starting(ports, caller, send, MassState.PREVIEW)

    approval = _approval(ports, caller, send)
    await post_decided(ports, caller, consume, decide)
    return await mass_send_of(ports, mass_send_id)


def _approval(ports: Ports, caller: Caller, send: MassSend) -> Approval:
    return new_approval(
        ports,
        caller,
        ApprovalKind.MASS_SEND,
        send.id,
        digest=send.digest,
        amount_minor=send.total_minor,
        above_minor=send.approval_above_minor,
        expires_at=send.expires_at,
    )


async def _asking(ports: Ports, send: MassSend, approval: Approval) -> Posting:
    """Asks the other admins; nothing is set aside before one of them says yes."""
    posting = await asking(ports, approval)
    waiting = send.model_copy(update={"state": MassState.APPROVAL, "approval": approval.id})
    fields = {"approval": approval.id, "alone_minor": send.alone_minor}
    before = frozenset({MassState.PREVIEW})
    move = Move(MassSend, send.id, before, MassState.APPROVAL, fields, unchanged(send), expires=True)
    return replace(posting, changes=(*posting.changes, move), messages=(mass_message(waiting), *posting.messages))
