"""The card company's events: read from where the last reading ended, kept by their ids, and each looked into once.

An event is a reason to look and nothing else. Webhooks bring the same ones sooner; without them nothing is missed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Final

import structlog

from payout_worker.cards.card_claims import look_at_claims
from payout_worker.cards.card_sessions import adopt_session, look_at_session
from payout_worker.ports import CardPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.card import CardCursor, CardEvent, EventPage, SessionStatus, event_record
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState, payment_id
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.ports import After

log = structlog.get_logger(__name__)

#: Events are listed by whole seconds, and not always in the order in which they come to be listed.
_OVERLAP: Final = timedelta(minutes=5)
#: Where only the database's time is known: by so much its clock may be ahead of the card company's.
_CLOCKS_DIFFER: Final = timedelta(days=1)
#: For so long Stripe lists an event (https://docs.stripe.com/api/events), and for so long after a payment we expect a
#: bank to demand it back; the card schemes allow 120 days.
_KEPT_BY_THEM: Final = timedelta(days=29)
_CLAIMABLE: Final = timedelta(days=180)
#: What went back already may be demanded once more, or come again.
_BOOKED: Final = (PaymentState.CREDITED, PaymentState.REVERSED)
_MOST_PER_PASS: Final = 200


async def read_events(ports: CardPorts) -> int:
    """Writes down every event since the last reading; returns up to when they were read, in Unix seconds."""
    known, now = await ports.store.get(CardCursor, ports.account.name), await ports.store.now()
    # Before the first reading nothing was sold by this wallet.
    read_to = known.read_to if known else now - _CLOCKS_DIFFER
    if now - read_to > _KEPT_BY_THEM:
        await _remind_of_all(ports, read_to, now)
    page = await ports.cards.events(read_to - _OVERLAP)
    newest = await _keep(ports, page, read_to)
    while page.more_before:
        page = await ports.cards.events(read_to - _OVERLAP, page.more_before)
        newest = await _keep(ports, page, newest)
    # By the hour, so that a quiet day is not written down every few seconds.
    newest = max(newest, (now - _CLOCKS_DIFFER).replace(minute=0, second=0, microsecond=0))
    if known is None or newest > read_to:
        # Only after the last page: whoever is killed before it reads them all again.
        await ports.store.put(CardCursor(id=ports.account.name, read_to=newest))
    return int(newest.timestamp())


async def _remind_of_all(ports: CardPorts, read_to: datetime, now: datetime) -> None:
    """Has every payment looked at that may have been claimed back meanwhile: events of that time are forgotten."""
    log.warning("card_events_forgotten", read_to=read_to)
    claimable = {"asset": Asset.USD, "state": _BOOKED, "seen_at": After(read_to - _CLAIMABLE)}
    for skip in count(step=_MOST_PER_PASS):
        payments = await ports.store.find(
            Payment, claimable, order_by=("seen_at", "_id"), limit=_MOST_PER_PASS, skip=skip
        )
        for payment in payments:
            reminder = CardEvent(id=f"away:{read_to:%Y-%m-%d}:{payment.id}", kind="away", at=now, payment=payment.txid)
            if await ports.store.get(CardEvent, reminder.id) is None:
                await ports.store.put(reminder)
        if len(payments) < _MOST_PER_PASS:
            return


async def _keep(ports: CardPorts, page: EventPage, newest: datetime) -> datetime:
    ours = {event.id: event for event in page.events if event.live is ports.account.live}
    known = await ports.store.find(CardEvent, {"_id": tuple(ours)}, limit=len(ours)) if ours else []
    for event_id in ours.keys() - {event.id for event in known}:
        await ports.store.put(event_record(ours[event_id]))
    return max((newest, *(event.at for event in page.events)))


async def waiting_events(ports: CardPorts, stopped: int = 0) -> list[CardEvent]:
    """What was not looked into yet, the oldest first; those that were ``stopped`` leave room for others."""
    most = _MOST_PER_PASS + stopped
    return await ports.store.find(CardEvent, {"handled_at": None}, order_by=("at", "_id"), limit=most)


async def look_into(ports: CardPorts, tenure: Tenure, event: CardEvent) -> None:
    """Looks at what an event is about, and then notes that it was done."""
    if event.session:
        await _look_at_session(ports, tenure, event.session)
    elif event.payment:
        payment = await ports.store.get(Payment, payment_id(Asset.USD, event.payment))
        if payment is not None:
            await look_at_claims(ports, tenure, payment.id)
    await ports.store.swap(CardEvent, event.id, {"handled_at": None}, {"handled_at": await ports.store.now()})
    log.debug("event_handled", id=event.id, kind=event.kind)


async def _look_at_session(ports: CardPorts, tenure: Tenure, session_id: str) -> None:
    found = await ports.store.find(Invoice, {"address": session_id}, limit=1)
    if found:
        await look_at_session(ports, tenure, found[0].id)
        return
    # Its opener may have been killed before it was written down; or it is of another program with the same account.
    session = await ports.cards.session(session_id)
    invoice = await ports.store.get(Invoice, session.invoice) if session.invoice else None
    if invoice is None:
        return
    if invoice.state is InvoiceState.OPEN and not invoice.address:
        if await adopt_session(ports, tenure, invoice, session):
            await look_at_session(ports, tenure, invoice.id)
    elif session.status is SessionStatus.COMPLETE:
        # The order has ended or has another page, and the link to this one was shown to nobody.
        await raise_alarm(ports, tenure, "card_mismatch", f"{invoice.id}: id", freeze=False)
