"""Give up an offer that was posted in a chat before its money was held."""

from __future__ import annotations

from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def drop_offer(ports: Ports, caller: Caller, offer_id: str) -> None:
    """Nobody can claim it any more, and nothing was held. What is held is taken back by ``take_back_send`` instead.

    Raises ``AlreadyDone`` with what is held, and ``Refused(NOT_YOURS)``.
    """
    offer = await ports.store.get(InlineOffer, offer_id)
    if offer is not None and offer.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    await ports.store.remove(InlineOffer, offer_id)
    held = await ports.store.get(Claimable, offer_id)
    if held is not None and held.person == caller.person:
        raise AlreadyDone(held)
