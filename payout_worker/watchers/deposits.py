"""One look at one invoice: what is on its way is shown, what is final is credited.

Credited is only the balance at a final block, less what was booked before. So the kind of transaction does not matter,
nothing is credited twice, and a reorganisation takes a pending payment back before it was ever booked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    """Coins at an invoice's address as of the newest and as of a final block, and transfers in newly read blocks."""

    head_minor: int
    final_minor: int
    transfers: Sequence[Transfer] = ()
    #: Whether all blocks up to the final one were read, so that no transfer in them is still to be found.
    read: bool = True


async def balances_of(ports: WorkerPorts, invoices: Sequence[Invoice], heights: Heights, scan: Scan) -> list[Balances]:
    """What is at the invoices' addresses, in two calls for all of them."""
    addresses = [invoice.address for invoice in invoices]
    head = await ports.node.balances(addresses, heights.latest)
    final = await ports.node.balances(addresses, max(0, heights.final(ports.final_depth)))
    transfers = (scan.transfers.get(invoice.id, ()) for invoice in invoices)
    read = scan.through >= heights.final(ports.final_depth)
    return [Balances(*seen, read) for seen in zip(head, final, transfers, strict=True)]


async def look_at_invoice(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, seen: Balances) -> bool:
    """Brings the invoice in step with the chain; tells whether anything changed."""
    if seen.head_minor < invoice.received_minor:
        # What was booked at a final block is gone: no rule may guess what that means.
        await raise_alarm(ports, tenure, "deposit_gone", f"{invoice.id}:{invoice.received_minor}", freeze=True)
        return False
    same = seen.head_minor == invoice.received_minor + invoice.pending_minor
    changed = False if same and not seen.transfers else await _note_pending(ports, tenure, invoice, seen)
    if seen.final_minor <= invoice.received_minor:
        return changed
    present = await ports.store.get(Invoice, invoice.id) or invoice
    # A block that was not read yet may show that it came in time.
    final_minor = seen.final_minor if seen.read else min(seen.final_minor, present.timely_minor)
    if final_minor <= invoice.received_minor:
        log.info("late_payment_waits_for_blocks", invoice=invoice.id)
        return changed
    return await credit(ports, tenure, present, final_minor)


async def _note_pending(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, seen: Balances) -> bool:
    """Shows what is on its way, or that it is not any more; the same card is edited. False when that is known."""
    fields = await _pending_fields(ports, invoice, seen)
    if not _is_news(invoice, fields):
        return False
    pending_minor = fields["pending_minor"]
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
            facts={"invoice": invoice.id, "txid": fields["txid"], "pending_minor": pending_minor},
        )
    )
    log.info("pending", invoice=invoice.id, pending_minor=pending_minor, txid=fields["txid"])
    return True


def _is_news(invoice: Invoice, fields: Mapping[str, Any]) -> bool:
    """Blocks that were read late may tell more of a payment whose amount was known."""
    if fields["pending_minor"] != invoice.pending_minor:
        return True
    told_more = fields["timely_minor"] > invoice.timely_minor or (invoice.txid is None and fields["txid"] is not None)
    return told_more and fields["pending_minor"] > 0


async def _pending_fields(ports: WorkerPorts, invoice: Invoice, seen: Balances) -> dict[str, Any]:
    now = await ports.store.now()
    pending_minor = seen.head_minor - invoice.received_minor
    locked_until = invoice.expires_at + timedelta(seconds=ports.settings.invoice_grace_seconds)
    # Their blocks may be older than this look, after an absence of the worker's.
    since = min([now, *(transfer.at for transfer in seen.transfers)])
    timely_minor = seen.head_minor if now <= locked_until else _timely_minor(invoice, seen, locked_until)
    return {
        "pending_minor": pending_minor,
        "pending_since": (invoice.pending_since or since) if pending_minor else None,
        "timely_minor": max(invoice.timely_minor, timely_minor),
        "txid": seen.transfers[-1].txid if seen.transfers else invoice.txid,
    }


def _timely_minor(invoice: Invoice, seen: Balances, locked_until: datetime) -> int:
    """What had come when the lock ended: what was seen until then, and transfers in blocks of that time."""
    in_time_minor = sum(transfer.value_minor for transfer in seen.transfers if transfer.at <= locked_until)
    late_minor = sum(transfer.value_minor for transfer in seen.transfers) - in_time_minor
    # A pass that was cut short is read again: what was counted then must not make room for what came late.
    return min(invoice.timely_minor + in_time_minor, seen.head_minor - late_minor)
