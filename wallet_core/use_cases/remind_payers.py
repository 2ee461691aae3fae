"""Remind those who opened a payment request and have not paid their part."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.payment_request import PaymentRequest, RequestState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.requests import own_request

#: A second reminder on one day is a nuisance.
_BETWEEN: Final = timedelta(days=1)


@use_case(Access.ENROLLED)
async def remind_payers(ports: Ports, caller: Caller, request_id: str) -> int:
    """Writes to each of them; returns how many they are.

    Raises ``Refused``: NOT_FOUND, NOT_YOURS, WRONG_STATE when it is paid or cancelled, EXPIRED, NOBODY_TO_REMIND, and
    TOO_SOON with the time from which it may be done again.
    """
    request, now = await own_request(ports, caller, request_id), await ports.store.now()
    if request.state is not RequestState.OPEN:
        raise Refused(Reason.WRONG_STATE, what=PaymentRequest.collection, state=request.state)
    if now > request.expires_at:
        raise Refused(Reason.EXPIRED, expired_at=request.expires_at)
    if request.reminded_at is not None and now < request.reminded_at + _BETWEEN:
        raise Refused(Reason.TOO_SOON, until=request.reminded_at + _BETWEEN)
    waiting = _waiting(request)
    if not waiting:
        raise Refused(Reason.NOBODY_TO_REMIND)
    still_open, read = frozenset({RequestState.OPEN}), {"reminded_at": request.reminded_at}
    await ports.ledger.post(
        Posting(
            f"payers_reminded:{new_id()}",
            "payers_reminded",
            caller.name,
            changes=(Move(PaymentRequest, request.id, still_open, RequestState.OPEN, {}, read, stamp="reminded_at"),),
            messages=tuple(_reminder(request, person) for person in waiting),
            people=(caller.person,),
            facts={"request": request.id},
        )
    )
    return len(waiting)


def _waiting(request: PaymentRequest) -> list[int]:
    """Of ONE that somebody pays, that one alone; of an open amount, who paid nothing."""
    found = []
    for payer in request.payers:
        try:
            left_minor = request.left_for(payer.person)
        except Refused:
            continue
        if left_minor or not payer.paid_minor:
            found.append(payer.person)
    return found


def _reminder(request: PaymentRequest, person: int) -> Message:
    facts = {
        "id": request.id,
        "name": request.name,
        "person": request.person,
        "note": request.note,
        "left_minor": request.left_for(person),
        "expires_at": request.expires_at,
    }
    return Message(person, "request_reminder", facts)
