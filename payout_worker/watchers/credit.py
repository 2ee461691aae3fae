"""Books what is final: at the locked rate what came in time, at today's what came later, within the day's limit."""

from __future__ import annotations

from typing import Any

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.deposit import Deposit, deposit, limit_back
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc import Operation, TakeLimit, day_of
from wallet_core.domain.ledger import Posting
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message

log = structlog.get_logger(__name__)

_LIMITS = (Reason.LIMIT_COUNT, Reason.LIMIT_AMOUNT)


async def credit(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, received_total_minor: int) -> bool:
    """Books the address's final balance up to ``received_total_minor``; False while a late payment has no rate."""
    timely_minor = min(received_total_minor, invoice.timely_minor)
    if timely_minor > invoice.received_minor:
        # The rest, which came late, is a payment of its own at the next look.
        await _book(ports, tenure, deposit(invoice, timely_minor - invoice.received_minor, invoice.rate_minor))
        return True
    try:
        rate = await ports.rates.rate(invoice.asset)
    except Refused as refused:
        log.warning("late_payment_waits", invoice=invoice.id, reason=refused.reason)
        return False
    late_minor = received_total_minor - invoice.received_minor
    await _book(ports, tenure, deposit(invoice, late_minor, rate.itd_minor, late=True))
    return True


async def _book(ports: WorkerPorts, tenure: Tenure, paid: Deposit) -> None:
    now = await ports.store.now()
    take = _limit(paid, day_of(now, ports.settings.day_starts_at_hour), ports.settings.day_starts_at_hour)
    try:
        await ports.ledger.post(_posting(tenure, paid, *take))
    except Refused as refused:
        if refused.reason not in _LIMITS:
            raise
        paid = paid.with_surplus_held()
        await ports.ledger.post(_posting(tenure, paid))
    log.info(
        "credited",
        invoice=paid.invoice.id,
        coin_minor=paid.coin_minor,
        credited_minor=paid.credited.itd_minor,
        held_minor=paid.held.itd_minor,
    )


def _limit(paid: Deposit, day: str, starts_at_hour: int) -> tuple[TakeLimit, ...]:
    """The limit for what the invoice took none for: an order whose time was over counts again, a surplus does not."""
    if not paid.surplus_minor:
        return ()
    counts = 1 if paid.counts_anew else 0
    return (TakeLimit(paid.invoice.person, Operation.PURCHASE, paid.surplus_minor, day, starts_at_hour, counts=counts),)


def _posting(tenure: Tenure, paid: Deposit, *limits: TakeLimit) -> Posting:
    invoice = paid.invoice
    total_minor = invoice.received_minor + paid.coin_minor
    fields = _fields(paid, total_minor)
    step = InvoiceStep.HELD if paid.held.itd_minor else InvoiceStep.CREDITED
    read = ("received_minor", "pending_minor", "limit_returned")
    expected = {name: getattr(invoice, name) for name in read}
    given_back = (limit_back(invoice),) if paid.returns_limit else ()
    return tenure.posting_once(
        "purchase_credited",
        f"credit:{invoice.id}:{total_minor}",
        Move(Invoice, invoice.id, frozenset(InvoiceState), InvoiceState.CREDITED, fields, expected=expected),
        *given_back,
        *limits,
        entries=paid.entries(),
        messages=(invoice_message(invoice.model_copy(update=fields), step, rate_minor=paid.rate_minor),),
        people=(invoice.person,),
        facts={
            "invoice": invoice.id,
            "asset": invoice.asset,
            "txid": invoice.txid,
            "coin_minor": paid.coin_minor,
            "rate_minor": paid.rate_minor,
        },
    )


def _fields(paid: Deposit, total_minor: int) -> dict[str, Any]:
    """The invoice's fields after the payment."""
    invoice = paid.invoice
    credited_minor = invoice.credited_minor + paid.credited.itd_minor
    held_minor = invoice.held_minor + paid.held.itd_minor
    left_minor = max(0, invoice.pending_minor - paid.coin_minor)
    return {
        "received_minor": total_minor,
        "credited_minor": credited_minor,
        "held_minor": held_minor,
        "fulfilled": credited_minor + held_minor >= invoice.amount_minor,
        "limit_returned": paid.counts_anew,
        "pending_minor": left_minor,
        "pending_since": invoice.pending_since if left_minor else None,
    }
