"""One look at one invoice: what is on its way is shown, what is final is credited.

Credited is only the balance at a final block, less what was booked before. So the kind of transaction does not matter,
nothing is credited twice, and a reorganisation takes a pending payment back before it was ever booked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from payout_worker.watchers.credit import credit
from payout_worker.watchers.scan import Scan
from wallet_core.domain.chain import Heights, Transfer
from wallet_core.domain.changes import Move
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Balances:
    """Coins at an invoice's address as of the newest and as of a final block, and a transfer that was seen."""

    head_minor: int
    final_minor: int
    transfer: Transfer | None = None


async def balances_of(ports: WorkerPorts, invoices: Sequence[Invoice], heights: Heights, scan: Scan) -> list[Balances]:
    """What is at the invoices' addresses, in two calls for all of them."""
    addresses = [invoice.address for invoice in invoices]
    head = await ports.node.balances(addresses, heights.latest)
    final = await ports.node.balances(addresses, max(0, heights.final(ports.final_depth)))
    transfers = (scan.transfers.get(invoice.id) for invoice in invoices)
    return [Balances(*seen) for seen in zip(head, final, transfers, strict=True)]


async def look_at_invoice(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, seen: Balances) -> bool:
    """Brings the invoice in step with the chain; tells whether anything changed."""
    if seen.head_minor < invoice.received_minor:
        # What was booked at a final block is gone: no rule may guess what that means.
        await raise_alarm(ports, tenure, "deposit_gone", f"{invoice.id}:{invoice.received_minor}", freeze=True)
        return False
    pending_minor = seen.head_minor - invoice.received_minor
    changed = pending_minor != invoice.pending_minor
    if changed:
        await _note_pending(ports, tenure, invoice, pending_minor, seen.transfer)
    if seen.final_minor <= invoice.received_minor:
        return changed
    present = await ports.store.get(Invoice, invoice.id)
    return await credit(ports, tenure, present or invoice, seen.final_minor)


async def _note_pending(
    ports: WorkerPorts, tenure: Tenure, invoice: Invoice, pending_minor: int, transfer: Transfer | None
) -> None:
    """Shows what is on its way, or that it is not any more; the same card is edited."""
    fields = await _pending_fields(ports, invoice, pending_minor, transfer)
    step = InvoiceStep.PENDING if pending_minor else InvoiceStep(invoice.state.value)
    read = {"received_minor": invoice.received_minor, "pending_minor": invoice.pending_minor}
    moved = Move(Invoice, invoice.id, frozenset(InvoiceState), invoice.state, fields, expected=read)
    await ports.ledger.post(
        tenure.posting(
            "purchase_pending",
            invoice.id,
            moved,
            messages=(invoice_message(invoice.model_copy(update=fields), step),),
            people=(invoice.person,),
            facts={"invoice": invoice.id, "pending_minor": pending_minor},
        )
    )
    log.info("pending", invoice=invoice.id, pending_minor=pending_minor, txid=fields["txid"])


async def _pending_fields(
    ports: WorkerPorts, invoice: Invoice, pending_minor: int, transfer: Transfer | None
) -> dict[str, Any]:
    now = await ports.store.now()
    # Its block may be older than this look, after an absence of the worker's.
    seen_at = min(now, transfer.at) if transfer else now
    locked_until = invoice.expires_at + timedelta(seconds=ports.settings.invoice_grace_seconds)
    total_minor = invoice.received_minor + pending_minor
    return {
        "pending_minor": pending_minor,
        "pending_since": (invoice.pending_since or seen_at) if pending_minor else None,
        "timely_minor": max(invoice.timely_minor, total_minor) if seen_at <= locked_until else invoice.timely_minor,
        "txid": transfer.txid if transfer else invoice.txid,
    }
