"""Ends invoices that nobody paid in time. Their addresses stay watched: what comes later is booked all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.kyc import GiveBackLimit, Operation
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.ports import Before

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 500
_UNPAID: Final = {"pending_minor": 0, "received_minor": 0}


async def expire_unpaid(ports: WorkerPorts, tenure: Tenure) -> None:
    """Gives each one's limit back to the day that it was taken from, and tells the person.

    To be called after every open invoice was looked at in the newest block.
    """
    ended_before = await ports.store.now() - timedelta(seconds=ports.settings.invoice_grace_seconds)
    where = {"asset": ports.asset, "state": InvoiceState.OPEN, "expires_at": Before(ended_before), **_UNPAID}
    for invoice in await ports.store.find(Invoice, where, order_by=("created_at",), limit=_MOST_PER_PASS):
        fields = {"limit_returned": True}
        open_only = frozenset({InvoiceState.OPEN})
        await ports.ledger.post(
            tenure.posting_once(
                "invoice_expired",
                f"expire:{invoice.id}",
                Move(Invoice, invoice.id, open_only, InvoiceState.EXPIRED, fields, expected=_UNPAID),
                GiveBackLimit(invoice.person, Operation.PURCHASE, invoice.amount_minor, invoice.limit_day),
                messages=(invoice_message(invoice, InvoiceStep.EXPIRED),),
                people=(invoice.person,),
                facts={"invoice": invoice.id},
            )
        )
        log.info("expired", invoice=invoice.id)
