"""What the use cases about offers to whoever is first share: finding one, and the posting that holds its money."""

from __future__ import annotations

from wallet_core.domain.claimable import Claimable, ClaimBy
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Caller
from wallet_core.domain.two_factor import spend_without_code
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import accepted_code, post_anew, post_decided
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.sending import Held, holding


async def offer_of(ports: Ports, offer_id: str) -> InlineOffer:
    """The offer. Raises ``Refused`` NOT_FOUND, or EXPIRED when it was not held in time.

    Raises ``InvariantViolated`` for one that nobody typed, or that somebody changed in the database since.
    """
    offer = await ports.store.get(InlineOffer, offer_id)
    if offer is None:
        raise Refused(Reason.NOT_FOUND, what=InlineOffer.collection)
    if await ports.store.now() > offer.expires_at:
        raise Refused(Reason.EXPIRED, what=InlineOffer.collection, expired_at=offer.expires_at)
    if not ports.vault.mac_fits(offer.terms(), offer.mac):
        raise InvariantViolated(f"the terms of offer {offer.id} were changed")
    return offer


async def held_for_first(ports: Ports, offer: InlineOffer, code: str | None = None) -> None:
    """Holds the sender's money for whoever is first; held already, it is the same.

    Raises ``Refused``: CODE_NEEDED when the amount takes a code, what is wrong with the code, FROZEN, IN_DEBT,
    DISPUTED, a limit of the sender's, or INSUFFICIENT_FUNDS.
    """
    sender = Caller(offer.person)

    async def decide() -> Posting:
        held = Held(offer.id, ClaimBy.FIRST, offer.amount_minor, offer.fee_minor, note=offer.note)
        return await holding(ports, sender, held, await limits_today(ports))

    if code is not None:
        await post_decided(ports, sender, await accepted_code(ports, sender, code), decide)
        return
    codeless = spend_without_code(sender.person, offer.amount_minor, ports.settings.itd("send_totp_above"))
    try:
        await post_anew(ports, codeless, decide)
    except Refused:
        # Two who press at once hold it once: the other one finds it held.
        if await ports.store.get(Claimable, offer.id) is None:
            raise
