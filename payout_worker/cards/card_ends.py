"""What becomes of a card order whose money is not there: it is waited for, or the order ends without it."""

from __future__ import annotations

from typing import Final

import structlog

from payout_worker.cards.card_credit import seen_payment
from payout_worker.ports import CardPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.deposit import limits_back
from wallet_core.domain.payment import Payment, PaymentState, payment_id
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.domain.record import Change

log = structlog.get_logger(__name__)

_OPEN: Final = frozenset({InvoiceState.OPEN})


async def note_pending(ports: CardPorts, tenure: Tenure, invoice: Invoice, intent: str) -> bool:
    """Shows that the money of a bank debit is on its way, which takes days. False when that is known."""
    if invoice.pending_minor or invoice.state is not InvoiceState.OPEN:
        return False
    now = await ports.store.now()
    fields = {"pending_minor": invoice.coin_minor, "pending_since": now, "txid": intent}
    payment = seen_payment(invoice, intent).model_copy(update={"seen_at": now})
    await ports.ledger.post(
        tenure.posting_once(
            "purchase_pending",
            f"pending:{payment.id}",
            Move(Invoice, invoice.id, _OPEN, InvoiceState.OPEN, fields, expected={"pending_minor": 0}),
            Insert(payment),
            messages=(invoice_message(invoice.model_copy(update=fields), InvoiceStep.PENDING),),
            people=(invoice.person,),
            facts={"invoice": invoice.id, "txid": intent, "pending_minor": invoice.coin_minor},
        )
    )
    log.info("pending", invoice=invoice.id, payment=payment.id)
    return True


async def end_unpaid(ports: CardPorts, tenure: Tenure, invoice: Invoice, step: InvoiceStep) -> bool:
    """Ends an order that can be paid no more, and gives its limits back to the day that they were taken from.

    ``step``: EXPIRED, or FAILED when the card company gave up on the money. False when it had ended before.
    """
    if invoice.state is not InvoiceState.OPEN:
        return False
    fields = {"limit_returned": True, "pending_minor": 0, "pending_since": None}
    # Another look may have found its page meanwhile.
    expected = {"received_minor": 0, "pending_minor": invoice.pending_minor, "address": invoice.address}
    ended = invoice.model_copy(update=fields)
    await ports.ledger.post(
        tenure.posting_once(
            "invoice_expired" if step is InvoiceStep.EXPIRED else "card_payment_failed",
            f"expire:{invoice.id}",
            Move(Invoice, invoice.id, _OPEN, InvoiceState.EXPIRED, fields, expected=expected),
            *_gone(invoice),
            *limits_back(invoice),
            messages=(invoice_message(ended, step),),
            people=(invoice.person,),
            facts={"invoice": invoice.id},
        )
    )
    log.info("ended_unpaid", invoice=invoice.id, step=step)
    return True


def _gone(invoice: Invoice) -> tuple[Change, ...]:
    """The payment that was waited for never comes."""
    if not invoice.pending_minor or invoice.txid is None:
        return ()
    gone = payment_id(invoice.asset, invoice.txid)
    return (Move(Payment, gone, frozenset({PaymentState.PENDING}), PaymentState.GONE),)
