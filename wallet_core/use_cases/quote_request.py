"""Offer to pay a payment request: the card of a send, with what it pays."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.mode import Doing
from wallet_core.domain.payment_request import PaymentRequest
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import amount_of
from wallet_core.use_cases.requests import request_of
from wallet_core.use_cases.send_offers import SendQuote, offer_send, recipient_of
from wallet_core.use_cases.switchboard import refuse_shut


@use_case(Access.ENROLLED)
async def quote_request(ports: Ports, caller: Caller, request_id: str, amount_text: str = "") -> SendQuote:
    """Without an amount, all that is left for the caller to pay; a part of it may be paid as well.

    Raises ``Refused``: NOT_FOUND, EXPIRED, WRONG_STATE, REQUEST_TAKEN, REQUEST_PAID, REQUEST_OVERPAID, BAD_AMOUNT for
    an open amount that is not given, and whatever ``quote_send`` raises.
    """
    await refuse_shut(ports, Doing.SEND)
    request = await request_of(ports, request_id)
    if await ports.store.now() > request.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=request.expires_at)
    left_minor = request.left_for(caller.person)
    amount_minor = left_minor
    if amount_text or not left_minor:
        amount_minor = amount_of(amount_text, ports.settings.itd("min_send"))
    if left_minor and amount_minor > left_minor:
        raise Refused(Reason.REQUEST_OVERPAID, left_minor=left_minor)
    requester = await recipient_of(ports, caller, await _person(ports, request))
    if not requester.joined:
        raise Refused(Reason.RECIPIENT_NOT_ENROLLED, recipient=requester.name)
    return await offer_send(ports, caller, amount_minor, requester, note=request.note, request=request.id)


async def _person(ports: Ports, request: PaymentRequest) -> Person:
    found = await ports.store.get(Person, request.person)
    if found is None:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=request.name)
    return found
