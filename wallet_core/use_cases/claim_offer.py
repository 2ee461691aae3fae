"""Be the first to claim what somebody posted in a chat."""

from __future__ import annotations

from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.claim import claim
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.offers import held_for_first, offer_of


@use_case(Access.ENROLLED)
async def claim_offer(ports: Ports, caller: Caller, offer_id: str) -> Claimable:
    """The money is the caller's, if they are the first.

    Telegram need not tell that an offer was posted. Nobody but its sender can have posted it, since nobody else knew
    its id: so it is held now, if it was not before, as far as it needs no code.

    Raises what ``claim`` raises, and ``Refused``: RECIPIENT_IS_SELF, NOT_FOUND, EXPIRED, CODE_NEEDED while the sender
    has to confirm it, or what keeps the sender's money from leaving.
    """
    if await ports.store.get(Claimable, offer_id) is None:
        offer = await offer_of(ports, offer_id)
        if offer.person == caller.person:
            raise Refused(Reason.RECIPIENT_IS_SELF)
        await held_for_first(ports, offer)
    return await claim(ports, caller, offer_id)
