"""Take a payment request back."""

from __future__ import annotations

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payment_request import PaymentRequest, RequestState, request_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.requests import own_request


@use_case(Access.ENROLLED)
async def cancel_request(ports: Ports, caller: Caller, request_id: str) -> PaymentRequest:
    """Nobody can pay it any more; what was paid stays paid.

    Raises ``AlreadyDone`` with the request when it was cancelled before, and ``Refused`` NOT_FOUND, NOT_YOURS,
    WRONG_STATE when it is paid, or CHANGED_MEANWHILE when somebody pays in the same moment.
    """
    request = await own_request(ports, caller, request_id)
    if request.state is RequestState.CANCELLED:
        raise AlreadyDone(request)
    if request.state is not RequestState.OPEN:
        raise Refused(Reason.WRONG_STATE, what=PaymentRequest.collection, state=request.state)
    cancelled = request.model_copy(update={"state": RequestState.CANCELLED})
    read = {"paid_minor": request.paid_minor}
    ended = Move(
        PaymentRequest, request.id, frozenset({RequestState.OPEN}), cancelled.state, {}, read, stamp="ended_at"
    )
    await ports.ledger.post(
        Posting(
            f"request_cancelled:{request.id}",
            "request_cancelled",
            caller.name,
            changes=(ended,),
            messages=(request_message(cancelled),),
            people=(caller.person,),
            facts={"request": request.id},
        )
    )
    return cancelled
