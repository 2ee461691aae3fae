"""Books a paid session: the ITD, what of it repays a debt, and the lot that keeps the rest from being withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from payout_worker.ports import CardPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.card import CardEvent
from wallet_core.domain.card_lots import lot_added
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.debt import repayment
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.movements import purchase_credited
from wallet_core.domain.payment import Payment, PaymentState, payment_id
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.domain.record import Change

log = structlog.get_logger(__name__)


async def credit_card(ports: CardPorts, tenure: Tenure, invoice: Invoice, intent: str) -> bool:
    """Credits the whole order, once for its PaymentIntent: a session cannot be paid in part, in excess or twice."""
    guards = await ports.store.get(Guards, invoice.person)
    if guards is None:
        raise InvariantViolated(f"invoice {invoice.id} is of nobody")
    known = await ports.store.get(Payment, payment_id(invoice.asset, intent))
    payment = known or seen_payment(invoice, intent).model_copy(update={"seen_at": await ports.store.now()})
    # A refund or a dispute may have come first, and its event was of a payment that we did not know yet.
    reminder = CardEvent(id=f"credited:{payment.id}", kind="credited", at=payment.seen_at, payment=intent)
    await ports.store.put(reminder)
    mature = timedelta(seconds=ports.settings.card_mature_seconds)
    booked, told = _booked(invoice, payment, is_known=known is not None), await _told(ports, invoice, payment, mature)
    posting = _posting(tenure, invoice, payment, guards, mature, booked=booked)
    await ports.ledger.post(replace(posting, messages=(told,)))
    log.info("credited", invoice=invoice.id, payment=payment.id, credited_minor=invoice.amount_minor)
    return True


def seen_payment(invoice: Invoice, intent: str) -> Payment:
    """What a session's PaymentIntent is as a payment. It is always timely: an expired session takes no money."""
    return Payment(
        id=payment_id(invoice.asset, intent),
        asset=invoice.asset,
        invoice=invoice.id,
        person=invoice.person,
        txid=intent,
        index=0,
        coin_minor=invoice.coin_minor,
        seen_at=invoice.created_at,
        timely=True,
    )


async def _told(ports: CardPorts, invoice: Invoice, payment: Payment, mature: timedelta) -> Message:
    credited = invoice.model_copy(update=_fields(invoice, payment))
    matures_at = await ports.store.now() + mature
    return invoice_message(credited, InvoiceStep.CREDITED, **({"matures_at": matures_at} if mature else {}))


def _posting(
    tenure: Tenure, invoice: Invoice, payment: Payment, guards: Guards, mature: timedelta, *, booked: Change
) -> Posting:
    back, fields = repayment(guards, invoice.amount_minor), _fields(invoice, payment)
    young_minor = invoice.amount_minor - back.amount_minor if mature else 0
    expected = {"received_minor": 0, "pending_minor": invoice.pending_minor}
    return tenure.posting_once(
        "purchase_credited",
        f"credit:{payment.id}:{payment.generation}",
        Move(Invoice, invoice.id, frozenset(InvoiceState), InvoiceState.CREDITED, fields, expected=expected),
        booked,
        *back.changes,
        *((lot_added(invoice.person, invoice.id, young_minor, mature),) if young_minor else ()),
        entries=(
            *purchase_credited(
                invoice.person,
                invoice.asset,
                coin_minor=invoice.coin_minor,
                itd_minor=invoice.amount_minor,
                fee_minor=invoice.fee_minor,
                rate_minor=invoice.rate_minor,
            ),
            *back.entries,
        ),
        people=(invoice.person,),
        facts={
            "invoice": invoice.id,
            "asset": invoice.asset,
            "txid": payment.txid,
            "coin_minor": invoice.coin_minor,
            "rate_minor": invoice.rate_minor,
        },
    )


def _fields(invoice: Invoice, payment: Payment) -> dict[str, object]:
    return {
        "received_minor": invoice.coin_minor,
        "credited_minor": invoice.amount_minor,
        "fulfilled": True,
        "pending_minor": 0,
        "pending_since": None,
        "txid": payment.txid,
    }


def _booked(invoice: Invoice, payment: Payment, *, is_known: bool) -> Change:
    """The payment is credited, whether it was waited for or not, or even given up."""
    terms = {
        "credited_minor": invoice.amount_minor,
        "fee_minor": invoice.fee_minor,
        "rate_minor": invoice.rate_minor,
    }
    if not is_known:
        return Insert(payment.model_copy(update={**terms, "state": PaymentState.CREDITED}))
    uncredited = frozenset({PaymentState.PENDING, PaymentState.GONE})
    return Move(Payment, payment.id, uncredited, PaymentState.CREDITED, terms)
