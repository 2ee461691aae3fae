"""What the use cases about payment requests share."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.intent import Intent
from wallet_core.domain.ledger import Message
from wallet_core.domain.payment_request import PaymentRequest, PayRequest, paid, request_message
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.sending import name_of


@dataclass(frozen=True, slots=True)
class Requested:
    """What paying a request adds to the posting of the send; nothing for any other send."""

    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()


async def request_of(ports: Ports, request_id: str) -> PaymentRequest:
    """The request. Raises ``Refused(NOT_FOUND)``."""
    found = await ports.store.get(PaymentRequest, request_id)
    if found is None:
        raise Refused(Reason.NOT_FOUND, what=PaymentRequest.collection)
    return found


async def own_request(ports: Ports, caller: Caller, request_id: str) -> PaymentRequest:
    """The caller's own request. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    found = await request_of(ports, request_id)
    if found.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    return found


async def requested(ports: Ports, payer: Caller, intent: Intent) -> Requested:
    """The request that an intent pays, written in the same posting, and its card. Raises ``Refused(NOT_FOUND)``."""
    if intent.request is None:
        return Requested()
    request, name = await request_of(ports, intent.request), await name_of(ports, payer.person)
    after = paid(request, payer.person, name, intent.amount_minor, await ports.store.now())
    change = PayRequest(request.id, payer.person, name, intent.amount_minor, request.paid_minor)
    return Requested((change,), (request_message(after),))
