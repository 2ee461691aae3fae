"""One look at one invoice: what is on its way is shown, what is final is credited, what is gone is taken back.

What counts is only the balance at a final block, with what was swept up to it, less what was booked before. So the kind
of transaction does not matter, nothing is credited twice, and a reorganisation takes a pending payment back before it
was ever booked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from payout_worker.watchers import transfers
from payout_worker.watchers.balance_credit import credit_balance, late_rates
from payout_worker.watchers.case_lapse import lapse
from payout_worker.watchers.scan import Scan
from payout_worker.watchers.take_back import take_back_balance
from wallet_core.domain.case import UNDECIDED, Case, CaseKind, CaseState
from wallet_core.domain.chain import Heights, Transfer
from wallet_core.domain.changes import Move
from wallet_core.domain.payout import Batch
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import invoice_message, step_of

log = structlog.get_logger(__name__)

_MOST_CASES: Final = 100
#: What has more rates is booked at the next look.
_MOST_RATES: Final = 10
_LYING_ASIDE: Final = (CaseKind.TOO_SMALL, CaseKind.ABOVE_LIMIT)


@dataclass(frozen=True, slots=True)
class Balances:
    """Coins that ever came to an invoice's address as of the newest and as of a final block, of this height.

    ``transfers`` are those in newly read blocks.
    """

    head_minor: int
    final_minor: int
    height: int
    transfers: Sequence[Transfer] = ()
    #: Whether all blocks up to the final one were read, so that no transfer in them is still to be found.
    read: bool = True


async def balances_of(ports: WorkerPorts, invoices: Sequence[Invoice], heights: Heights, scan: Scan) -> list[Balances]:
    """What came to the invoices' addresses, in two calls for all of them."""
    addresses = [invoice.address for invoice in invoices]
    height = max(0, heights.final(ports.final_depth))
    head = await ports.node.balances(addresses, heights.latest)
    final = await ports.node.balances(addresses, height)
    read = scan.through >= heights.final(ports.final_depth)
    return [
        Balances(
            at_head + invoice.swept_minor,
            at_final + invoice.swept_minor,
            height,
            scan.transfers.get(invoice.id, ()),
            read,
        )
        for invoice, at_head, at_final in zip(invoices, head, final, strict=True)
    ]


async def look_at_invoice(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, seen: Balances) -> bool:
    """Brings the invoice in step with the chain; tells whether anything changed."""
    if seen.height < invoice.swept_height or await _has_left(ports, invoice):
        # What the address has less may be on its way to our own wallet.
        return False
    if seen.final_minor < invoice.booked_minor:
        return await _take_back(ports, tenure, invoice, seen)
    same = seen.head_minor == invoice.booked_minor + invoice.pending_minor
    changed = False if same and not seen.transfers else await _note_pending(ports, tenure, invoice, seen)
    if seen.final_minor <= invoice.booked_minor:
        return changed
    present = await ports.store.get(Invoice, invoice.id) or invoice
    if (present.swept_minor, present.sweep) != (invoice.swept_minor, invoice.sweep):
        return changed
    # A block that was not read yet may show that it came in time.
    final_minor = seen.final_minor if seen.read else min(seen.final_minor, present.timely_minor)
    if final_minor <= present.booked_minor:
        log.info("late_payment_waits_for_blocks", invoice=invoice.id)
        return changed
    return await _credit(ports, tenure, present, final_minor, seen.height) or changed


async def _credit(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, final_minor: int, height: int) -> bool:
    """Books what is final, at each of its rates; tells whether any of it was."""
    booked_minor = invoice.booked_minor
    for _ in range(_MOST_RATES):
        if invoice.booked_minor >= final_minor:
            break
        if not await credit_balance(ports, tenure, invoice, final_minor, height):
            break
        invoice = await ports.store.get(Invoice, invoice.id) or invoice
    return invoice.booked_minor > booked_minor


async def _has_left(ports: WorkerPorts, invoice: Invoice) -> bool:
    """Whether a sweep that is under way may have moved coins already; until its nonce is used it has not."""
    if invoice.sweep is None:
        return False
    batch = await ports.store.get(Batch, invoice.sweep)
    return batch is None or batch.nonce is None or await ports.node.nonce(invoice.address) > batch.nonce


async def _take_back(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, seen: Balances) -> bool:
    """What was booked at a final block is gone: first what lay aside goes, then the last of what was credited."""
    subject = f"{invoice.id}:{invoice.generation}:{invoice.booked_minor}"
    await raise_alarm(ports, tenure, "deposit_gone", subject, freeze=True)
    where = {"invoice": invoice.id, "kind": _LYING_ASIDE, "state": (*UNDECIDED, CaseState.PAYING)}
    cases = await ports.store.find(Case, where, order_by=("-opened_at",), limit=_MOST_CASES)
    # Held money on its way back is held again only where what is too small was not all that is missing.
    aside = sorted((case for case in cases if case.coin_minor), key=lambda case: case.kind is CaseKind.ABOVE_LIMIT)
    present, changed = invoice, False
    while aside and seen.final_minor < present.booked_minor:
        if await lapse(ports, tenure, present, aside.pop(0)):
            present, changed = await ports.store.get(Invoice, invoice.id) or present, True
    left_minor = max(0, seen.final_minor - present.aside_minor)
    if left_minor < present.received_minor:
        await take_back_balance(ports, tenure, present, left_minor, *await transfers.lost(ports, present))
        changed = True
    return changed


async def _note_pending(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, seen: Balances) -> bool:
    """Shows what is on its way, or that it is not any more; the same card is edited. False when that is known."""
    locked_until = invoice.expires_at + timedelta(seconds=ports.settings.invoice_grace_seconds)
    fields = await _pending_fields(ports, invoice, seen, locked_until)
    booked_to = seen.height if seen.final_minor <= invoice.booked_minor else -1
    records = await transfers.seen(ports, invoice, seen.transfers, locked_until, booked_to)
    if not records and not _is_news(invoice, fields):
        return False
    after = Invoice.of({**invoice.document(), **fields})
    read = ("received_minor", "pending_minor", "aside_minor", "swept_minor")
    expected = {name: getattr(invoice, name) for name in read}
    moved = Move(Invoice, invoice.id, frozenset(InvoiceState), invoice.state, fields, expected=expected)
    await ports.ledger.post(
        tenure.posting(
            "purchase_pending",
            invoice.id,
            moved,
            *records,
            messages=(invoice_message(after, step_of(after)),),
            people=(invoice.person,),
            facts={"invoice": invoice.id, "txid": after.txid, "pending_minor": after.pending_minor},
        )
    )
    log.info("pending", invoice=invoice.id, pending_minor=after.pending_minor, txid=after.txid)
    return True


def _is_news(invoice: Invoice, fields: Mapping[str, Any]) -> bool:
    """Blocks that were read late may tell more of a payment whose amount was known."""
    if fields["pending_minor"] != invoice.pending_minor:
        return True
    told_more = fields["timely_minor"] > invoice.timely_minor or (invoice.txid is None and fields["txid"] is not None)
    return told_more and fields["pending_minor"] > 0


async def _pending_fields(
    ports: WorkerPorts, invoice: Invoice, seen: Balances, locked_until: datetime
) -> dict[str, Any]:
    now = await ports.store.now()
    pending_minor = max(0, seen.head_minor - invoice.booked_minor)
    # Their blocks may be older than this look, after an absence of the worker's.
    since = min([now, *(transfer.at for transfer in seen.transfers)])
    timely_minor = seen.head_minor if now <= locked_until else _timely_minor(invoice, seen, locked_until)
    # What is paid above the order is promised no rate before it is seen.
    timely_minor = max(invoice.timely_minor, min(timely_minor, invoice.coin_minor + invoice.aside_minor))
    return {
        "pending_minor": pending_minor,
        "pending_since": (invoice.pending_since or since) if pending_minor else None,
        "timely_minor": timely_minor,
        "late_rates": await late_rates(ports, invoice, timely_minor, seen.head_minor),
        "txid": seen.transfers[-1].txid if seen.transfers else invoice.txid,
    }


def _timely_minor(invoice: Invoice, seen: Balances, locked_until: datetime) -> int:
    """What had come when the lock ended: what was seen until then, and transfers in blocks of that time."""
    in_time_minor = sum(transfer.value_minor for transfer in seen.transfers if transfer.at <= locked_until)
    late_minor = sum(transfer.value_minor for transfer in seen.transfers) - in_time_minor
    # A pass that was cut short is read again: what was counted then must not make room for what came late.
    return min(invoice.timely_minor + in_time_minor, seen.head_minor - late_minor)
