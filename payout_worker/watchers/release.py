"""Frees what arrived above a day's limit, on a later day, as far as that day's limit has room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from payout_worker.failures import alone
from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from payout_worker.watchers.above_limit import held_no_more, show_held
from wallet_core.domain.case import closed
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import LEVELS, Operation, TakeLimit, day_of, used
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.movements import purchase_released
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import invoice_message, step_of
from wallet_core.use_cases.cases import ended

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 1_000
#: Less than this is not worth a movement and a message, unless it is all that is left.
_LEAST_MINOR: Final = one_coin_minor(Asset.ITD)


async def release_held(ports: WorkerPorts, tenure: Tenure, held_from: int = 0) -> int:
    """Frees of the purchases in turn what their people's limits have room for; returns where the next turn begins."""
    waiting = await _held(ports, held_from)
    day = day_of(await ports.store.now(), ports.settings.day_starts_at_hour)
    guards = await _guards(ports, waiting)
    left: list[Invoice] = []
    for invoice in waiting:
        present = guards.get(invoice.person)
        amount_minor = min(invoice.held_minor, _room_minor(present, day, invoice)) if present else 0
        if amount_minor and amount_minor >= min(invoice.held_minor, _LEAST_MINOR):
            async with alone(ports, "purchase", invoice.id):
                await _release(ports, tenure, invoice, amount_minor, day)
            # What room is left after this is seen in the next turn.
            del guards[invoice.person]
        else:
            left.append(invoice)
    await show_held(ports, tenure, left)
    return held_from + _MOST_PER_PASS if len(waiting) == _MOST_PER_PASS else 0


async def _held(ports: WorkerPorts, skip: int) -> list[Invoice]:
    order = ("-held_minor", "_id")
    found = await ports.store.find(Invoice, {"asset": ports.asset}, order_by=order, limit=_MOST_PER_PASS, skip=skip)
    return [invoice for invoice in found if invoice.held_minor]


async def _guards(ports: WorkerPorts, invoices: Sequence[Invoice]) -> dict[int, Guards]:
    people = {invoice.person for invoice in invoices}
    found = await ports.store.find(Guards, {"_id": tuple(people)}, limit=len(people)) if people else []
    return {guards.id: guards for guards in found}


def _room_minor(guards: Guards, day: str, invoice: Invoice) -> int:
    limit, before = LEVELS[guards.level][Operation.PURCHASE], used(guards, Operation.PURCHASE, day)
    if before.count + _counts(invoice) > limit.count:
        return 0
    return max(0, limit.amount_minor - before.amount_minor)


def _counts(invoice: Invoice) -> int:
    """An order whose limit was given back counts as an operation again; a surplus was counted with its order."""
    return 1 if invoice.limit_returned else 0


async def _release(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, amount_minor: int, day: str) -> None:
    hour, counts = ports.settings.day_starts_at_hour, _counts(invoice)
    fields = {
        "held_minor": invoice.held_minor - amount_minor,
        "credited_minor": invoice.credited_minor + amount_minor,
    }
    read = ("held_minor", "credited_minor", "generation")
    expected = {name: getattr(invoice, name) for name in read}
    after = invoice.model_copy(update=fields)
    over = await held_no_more(ports, invoice, after.held_minor)
    try:
        await ports.ledger.post(
            tenure.posting_once(
                "purchase_released",
                # Within a generation what was credited only grows, so no two releases of an invoice share a key.
                f"release:{invoice.id}:{invoice.generation}:{invoice.credited_minor}:{amount_minor}",
                TakeLimit(invoice.person, Operation.PURCHASE, amount_minor, day, hour, counts=counts),
                Move(Invoice, invoice.id, frozenset(InvoiceState), invoice.state, fields, expected=expected),
                *(closed(case) for case in over),
                entries=purchase_released(invoice.person, amount_minor),
                messages=(invoice_message(after, step_of(after)), *await ended(ports.core, over)),
                people=(invoice.person,),
                facts={"invoice": invoice.id, "amount_minor": amount_minor},
            )
        )
    except Refused as refused:
        if refused.reason is Reason.LEASE_LOST:
            raise
        # The person used the room in between: another day, another look.
        log.info("release_waits", invoice=invoice.id, reason=refused.reason)
    else:
        log.info("released", invoice=invoice.id, amount_minor=amount_minor)
