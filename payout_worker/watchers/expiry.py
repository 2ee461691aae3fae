"""Ends invoices that nobody paid in time, and the hold that those paid in part have on their day's limit.

Their addresses stay watched: what comes later is booked all the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from payout_worker.failures import alone
from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.deposit import limits_back
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message, step_of
from wallet_core.ports import Before

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 500
_UNPAID: Final = {"pending_minor": 0, "received_minor": 0}
_PART_PAID: Final = {"pending_minor": 0, "fulfilled": False, "limit_returned": False}


async def expire_unpaid(ports: WorkerPorts, tenure: Tenure) -> None:
    """Gives what nobody paid of each order's limit back to the day that it was taken from.

    To be called after every open invoice was looked at in the newest block.
    """
    ended_before = await ports.store.now() - timedelta(seconds=ports.settings.invoice_grace_seconds)
    ended = {"asset": ports.asset, "expires_at": Before(ended_before)}
    unpaid = {**ended, "state": InvoiceState.OPEN, **_UNPAID}
    for invoice in await ports.store.find(Invoice, unpaid, order_by=("created_at",), limit=_MOST_PER_PASS):
        async with alone(ports, "purchase", invoice.id):
            await _expire(ports, tenure, invoice)
    part_paid = {**ended, "state": InvoiceState.CREDITED, **_PART_PAID}
    for invoice in await ports.store.find(Invoice, part_paid, order_by=("expires_at",), limit=_MOST_PER_PASS):
        async with alone(ports, "purchase", invoice.id):
            await _return_the_rest(ports, tenure, invoice)


async def _expire(ports: WorkerPorts, tenure: Tenure, invoice: Invoice) -> None:
    """Ends an order that nobody paid, and tells the person."""
    open_only, fields = frozenset({InvoiceState.OPEN}), {"limit_returned": True}
    await ports.ledger.post(
        tenure.posting_once(
            "invoice_expired",
            f"expire:{invoice.id}",
            Move(Invoice, invoice.id, open_only, InvoiceState.EXPIRED, fields, expected=_UNPAID),
            *limits_back(invoice),
            # What lies aside, or went back, is told by the card as long as that is so.
            messages=() if invoice.aside_minor else (invoice_message(invoice, InvoiceStep.EXPIRED),),
            people=(invoice.person,),
            facts={"invoice": invoice.id},
        )
    )
    log.info("expired", invoice=invoice.id)


async def _return_the_rest(ports: WorkerPorts, tenure: Tenure, invoice: Invoice) -> None:
    """Ends the order's hold on its day's limit; what is paid to it from now on takes that of its own day."""
    credited_only = frozenset({InvoiceState.CREDITED})
    expected = {**_PART_PAID, "received_minor": invoice.received_minor}
    after = invoice.model_copy(update={"limit_returned": True})
    facts = {"invoice": invoice.id, "unpaid_minor": invoice.unpaid_minor}
    await ports.ledger.post(
        tenure.posting_once(
            "limit_returned",
            f"limit_returned:{invoice.id}",
            Move(Invoice, invoice.id, credited_only, InvoiceState.CREDITED, {"limit_returned": True}, expected),
            *limits_back(invoice),
            # What was missing would get another rate from now on, so a card that asks for it does so no more.
            messages=(invoice_message(after, step_of(after)),) if _asks_for_more(invoice) else (),
            facts=facts,
        )
    )
    log.info("limit_returned", **facts)


def _asks_for_more(invoice: Invoice) -> bool:
    return step_of(invoice) is InvoiceStep.PARTLY and not invoice.aside_minor
