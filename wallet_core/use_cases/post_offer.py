"""Hold the money of an offer that was posted in a chat."""

from __future__ import annotations

from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.claimables import claimable_of
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.offers import held_for_first, offer_of


@use_case(Access.ENROLLED)
async def post_offer(ports: Ports, caller: Caller, offer_id: str, code: str | None = None) -> Claimable:
    """The sender chose the suggestion: now it is debited, and whoever is first may claim it.

    Raises ``AlreadyDone`` with what is held when it was before, and ``Refused``: NOT_FOUND, NOT_YOURS, EXPIRED,
    CODE_NEEDED with the amount and the note when it takes a code, what is wrong with the code, a limit, FROZEN,
    IN_DEBT, DISPUTED, or INSUFFICIENT_FUNDS.
    """
    held = await ports.store.get(Claimable, offer_id)
    if held is not None and held.person == caller.person:
        raise AlreadyDone(held)
    offer = await offer_of(ports, offer_id)
    if offer.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    try:
        await held_for_first(ports, offer, code)
    except Refused as refused:
        if refused.reason is not Reason.CODE_NEEDED:
            raise
        raise Refused(Reason.CODE_NEEDED, amount_minor=offer.amount_minor, note=offer.note) from refused
    return await claimable_of(ports, offer_id)
