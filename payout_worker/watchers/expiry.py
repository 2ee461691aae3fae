"""Ends invoices that nobody paid in time, and the hold that those paid in part have on their day's limit.

Their addresses stay watched: what comes later is booked all the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.deposit import limit_back
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.ports import Before

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 500
_UNPAID: Final = {"pending_minor": 0, "received_minor": 0}
_PART_PAID: Final = {"pending_minor": 0, "fulfilled": False, "limit_returned": False}


async def expire_unpaid(ports: WorkerPorts, tenure: Tenure) -> None:
    """Gives what nobody paid of each one's limit back to the day that it was taken from.

    To be called after every open invoice was looked at in the newest block.
    """
    ended_before = await ports.store.now() - timedelta(seconds=ports.settings.invoice_grace_seconds)
    ended = {"asset": ports.asset, "expires_at": Before(ended_before)}
    unpaid = {**ended, "state": InvoiceState.OPEN, **_UNPAID}
    for invoice in await ports.store.find(Invoice, unpaid, order_by=("created_at",), limit=_MOST_PER_PASS):
        await _expire(ports, tenure, invoice)
    part_paid = {**ended, "state": InvoiceState.CREDITED, **_PART_PAID}
    for invoice in await ports.store.find(Invoice, part_paid, order_by=("expires_at",), limit=_MOST_PER_PASS):
        await _return_the_rest(ports, tenure, invoice)


async def _expire(ports: WorkerPorts, tenure: Tenure, invoice: Invoice) -> None:
    """Ends an order that nobody paid, and tells the person."""
    open_only, fields = frozenset({InvoiceState.OPEN}), {"limit_returned": True}
    await ports.ledger.post(
        tenure.posting_once(
            "invoice_expired",
            f"expire:{invoice.id}",
            Move(Invoice, invoice.id, open_only, InvoiceState.EXPIRED, fields, expected=_UNPAID),
            limit_back(invoice),
            messages=(invoice_message(invoice, InvoiceStep.EXPIRED),),
            people=(invoice.person,),
            facts={"invoice": invoice.id},
        )
    )
    log.info("expired", invoice=invoice.id)


async def _return_the_rest(ports: WorkerPorts, tenure: Tenure, invoice: Invoice) -> None:
    """Ends the order's hold on its day's limit; what is paid to it from now on takes that of its own day."""
    credited_only = frozenset({InvoiceState.CREDITED})
    expected = {**_PART_PAID, "received_minor": invoice.received_minor}
    facts = {"invoice": invoice.id, "unpaid_minor": invoice.unpaid_minor}
    await ports.ledger.post(
        tenure.posting_once(
            "limit_returned",
            f"limit_returned:{invoice.id}",
            Move(Invoice, invoice.id, credited_only, InvoiceState.CREDITED, {"limit_returned": True}, expected),
            limit_back(invoice),
            facts=facts,
        )
    )
    log.info("limit_returned", **facts)
