"""Say that whoever asks by the link is not the right one."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.claimable import Claimable, ClaimableState, recipient_message, refused_to, sender_message
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.claim_links import sealed_link
from wallet_core.use_cases.claimables import claimable_of, own_claimable, receive_returned
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def refuse_claimant(ports: Ports, caller: Caller, claimable_id: str, claimant: int) -> Claimable:
    """It waits on, and what asking took of the claimant's day goes back to it.

    Raises ``Refused``: NOT_FOUND, NOT_YOURS, CHANGED_MEANWHILE when nobody, or somebody else, asks by now.
    """
    found = await own_claimable(ports, caller.person, claimable_id)
    if found.state is not ClaimableState.ASKED or found.recipient != claimant:
        raise Refused(Reason.CHANGED_MEANWHILE, what=Claimable.collection)
    refused = refused_to(found)
    after = found.model_copy(update={**refused.fields, "state": ClaimableState.OPEN})
    await ports.ledger.post(
        Posting(
            f"claimant_refused:{new_id()}",
            "claimant_refused",
            caller.name,
            changes=(refused, *receive_returned(found)),
            messages=(
                replace(sender_message(after), sealed=sealed_link(ports, after)),
                recipient_message(after, claimant, refused=True),
            ),
            people=(caller.person, claimant),
            facts={"intent": found.id, "sender": found.person, "recipient": claimant},
        )
    )
    return await claimable_of(ports, claimable_id)
