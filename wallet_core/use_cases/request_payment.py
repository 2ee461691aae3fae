"""Ask for money by a link."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from wallet_core.domain.changes import Insert
from wallet_core.domain.ledger import Posting
from wallet_core.domain.note import note_of
from wallet_core.domain.payment_request import Payers, PaymentRequest, request_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import amount_of
from wallet_core.use_cases.sending import name_of

#: Nobody remembers what they were asked for longer ago.
_LONGEST: Final = timedelta(days=90)


@use_case(Access.ENROLLED)
async def request_payment(
    ports: Ports, caller: Caller, amount_text: str, from_: Payers, *, note: str = "", lifetime: timedelta | None = None
) -> PaymentRequest:
    """A request; an empty ``amount_text`` lets everybody pay what they like. Its card comes by the outbox.

    Raises ``Refused`` for the amount or the note. A ``lifetime`` is cut to 90 days.
    """
    now = await ports.store.now()
    lasts = min(lifetime or timedelta(seconds=ports.settings.request_seconds), _LONGEST)
    request = PaymentRequest(
        id=new_id(),
        person=caller.person,
        name=await name_of(ports, caller.person),
        from_=from_,
        amount_minor=amount_of(amount_text, ports.settings.itd("min_send")) if amount_text else 0,
        note=note_of(note),
        expires_at=now + lasts,
    )
    await ports.ledger.post(
        Posting(
            f"payment_requested:{request.id}",
            "payment_requested",
            caller.name,
            changes=(Insert(request, stamp="created_at"),),
            messages=(request_message(request),),
            people=(caller.person,),
            facts={"request": request.id},
        )
    )
    return request
