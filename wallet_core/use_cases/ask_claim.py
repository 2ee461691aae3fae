"""Ask for money by the link to it."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.claimable import Claimable, ClaimableState, asked_for, recipient_message, sender_message
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import if_enrolled
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.claim_links import linked, sealed_link
from wallet_core.use_cases.claimables import check_theirs, claimable_of
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.sending import name_of, receive_counts, take_receive


@use_case(Access.ENROLLED)
async def ask_claim(ports: Ports, caller: Caller, parameter: str) -> Claimable:
    """The sender is asked whether the caller is the right one: whoever finds a link has nothing of it.

    Raises ``AlreadyDone`` with the held send while the sender has not answered or when it is the caller's, and
    ``Refused``: NOT_FOUND for a link that is none, RECIPIENT_IS_SELF, WRONG_STATE while somebody else is asked about
    or when it went elsewhere, EXPIRED, or the caller's own limit with its numbers.
    """
    found = await linked(ports, parameter)
    if found.person == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    check_theirs(found, caller)
    if found.state is ClaimableState.ASKED:
        if found.recipient == caller.person:
            raise AlreadyDone(found)
        raise Refused(Reason.WRONG_STATE, what=Claimable.collection, state=found.state)
    await ports.ledger.post(await _asked(ports, caller, found))
    return await claimable_of(ports, found.id)


async def _asked(ports: Ports, caller: Caller, found: Claimable) -> Posting:
    name, limits = await name_of(ports, caller.person), await limits_today(ports)
    counts = receive_counts(ports, found.amount_minor)
    asked = asked_for(found, caller.person, name, limits.when.day, counts)
    after = found.model_copy(update={**asked.fields, "state": ClaimableState.ASKED})
    return Posting(
        f"claim_asked:{new_id()}",
        "claim_asked",
        caller.name,
        changes=(
            asked,
            WhileOpen(Doing.SEND),
            if_enrolled(caller.person, Reason.ENROL_FIRST),
            take_receive(ports, limits, caller.person, found.amount_minor),
        ),
        messages=(
            replace(sender_message(after), sealed=sealed_link(ports, after)),
            recipient_message(after, caller.person),
        ),
        people=(caller.person, found.person),
        facts={"intent": found.id, "sender": found.person, "recipient": caller.person},
    )
