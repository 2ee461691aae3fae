"""Cancel a mass send, or give up its rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wallet_core.domain.approval import Approval, ApprovalState, decided
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_send import MassSend, MassState, mass_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import told_of
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.mass_sends import mass_send_of, steered
from wallet_core.use_cases.release_hold import release_posting
from wallet_core.use_cases.steering import steered_to, steering, steers

#: How often a last line may be paid between reading what is left of the hold and giving it back.
_TRIES: Final = 5


@use_case(Access.FINANCE)
async def cancel_mass_send(ports: Ports, caller: Caller, mass_send_id: str) -> MassSend:
    """Before it ran: nothing will come of it. Once it is stopped: the rest is given up, its money is back at once.

    What is a payout already and waits in the queue comes back by the worker, a moment later; what is in a batch is
    paid. By the payer or an owner, without a code: money only goes back. Returns it CANCELLED, or RUNNING with
    ``given_up`` until its last lines are closed. Raises ``AlreadyDone`` when it is over or was given up, and
    ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE while it runs (stop it first).
    """
    send = await steered(ports, caller, mass_send_id)
    if send.never_ran or send.given_up or send.state is MassState.DONE:
        raise AlreadyDone(send)
    if send.state is MassState.RUNNING:
        raise Refused(Reason.WRONG_STATE, what=MassSend.collection, state=send.state)
    if send.state is MassState.STOPPED:
        await _give_up(ports, caller, send)
    else:
        await ports.ledger.post(await _dropping(ports, caller, send))
    return await mass_send_of(ports, mass_send_id)


async def _dropping(ports: Ports, caller: Caller, send: MassSend) -> Posting:
    """It never runs; who was asked about it need not look any more."""
    dropped = steered_to(send, send.state, MassState.CANCELLED)
    posting = steering(ports, caller, send, "mass_send_cancelled", replace(dropped, stamp="ended_at"))
    cancelled = mass_message(send.model_copy(update={"state": MassState.CANCELLED}))
    approval = await ports.store.get(Approval, send.approval) if send.approval else None
    if approval is None or approval.state is not ApprovalState.ASKED:
        return replace(posting, messages=(cancelled,))
    withdrawn = replace(decided(approval, ApprovalState.WITHDRAWN, caller.person), expires=False)
    seen = approval.model_copy(update={"state": ApprovalState.WITHDRAWN, "decided_by": caller.person})
    told = await told_of(ports, seen)
    return replace(posting, changes=(*posting.changes, withdrawn), messages=(cancelled, *told))


async def _give_up(ports: Ports, caller: Caller, send: MassSend) -> None:
    """The rest of its money is the payer's again in the posting that ends it, so that no line can be paid from it."""
    ending = steered_to(send, MassState.STOPPED, MassState.RUNNING, given_up=True, stopped_by=None)
    for last in (*(False,) * (_TRIES - 1), True):
        hold = await ports.store.get(Hold, send.id)
        posting = steering(ports, caller, send, "mass_send_cancelled", ending)
        if hold is not None and hold.state is HoldState.OPEN:
            posting = release_posting(hold, HoldState.VOIDED, caller.name, told=False)
            changes = (steers(ports, caller, send), *posting.changes, ending)
            posting = replace(posting, changes=changes, people=(send.person, caller.person))
        try:
            await ports.ledger.post(posting)
        except Refused as refused:
            if last or refused.facts.get("what") != Hold.collection:
                raise
        else:
            return
