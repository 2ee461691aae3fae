"""Open the link to a payment request."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payment_request import OpenRequest, PaymentRequest, RequestState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.requests import request_of
from wallet_core.use_cases.sending import name_of


@use_case(Access.ENROLLED)
async def open_request(ports: Ports, caller: Caller, request_id: str) -> PaymentRequest:
    """What is asked for, by whom. The requester sees that the caller opened it, and can remind them.

    Raises ``Refused``: NOT_FOUND, RECIPIENT_IS_SELF, EXPIRED, WRONG_STATE when it is paid or cancelled, REQUEST_TAKEN
    when somebody else pays it, REQUEST_PAID when the caller has paid their part.
    """
    request = await request_of(ports, request_id)
    if request.person == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    if await ports.store.now() > request.expires_at and request.state is RequestState.OPEN:
        raise Refused(Reason.EXPIRED, expired_at=request.expires_at)
    request.left_for(caller.person)
    if all(payer.person != caller.person for payer in request.payers):
        await ports.ledger.post(await _opened(ports, caller, request))
    return request


async def _opened(ports: Ports, caller: Caller, request: PaymentRequest) -> Posting:
    """The name is not part of what the key stands for: who renames themselves opens the same link."""
    return Posting(
        f"request_opened:{request.id}:{caller.person}",
        "request_opened",
        caller.name,
        changes=(OpenRequest(request.id, caller.person, await name_of(ports, caller.person)),),
        people=(caller.person,),
        facts={"request": request.id, "requester": request.person},
    )
