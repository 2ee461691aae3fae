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
from wallet_core.domain.kyc import purchases_with
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.movements import purchase_released
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import invoice_message, step_of
from wallet_core.use_cases.cases import ended
from wallet_core.use_cases.limits import LimitsToday, limits_today

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 1_000
#: Less than this is not worth a movement and a message, unless it is all that is left.
_LEAST_MINOR: Final = one_coin_minor(Asset.ITD)


async def release_held(ports: WorkerPorts, tenure: Tenure, held_from: int = 0) -> int:
    """Frees of the purchases in turn what their people's limits have room for; returns where the next turn begins."""
    waiting = await _held(ports, held_from)
    limits = await _limits(ports) if waiting else None
    guards = await _guards(ports, waiting)
    left: list[Invoice] = []
    for invoice in waiting:
        present = guards.get(invoice.person)
        amount_minor = min(invoice.held_minor, _room_minor(present, limits, invoice)) if present and limits else 0
        if limits and amount_minor and amount_minor >= min(invoice.held_minor, _LEAST_MINOR):
            async with alone(ports, "purchase", invoice.id):
                await _release(ports, tenure, invoice, amount_minor, limits)
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


async def _limits(ports: WorkerPorts) -> LimitsToday | None:
    """None while nobody vouches for the table of limits, of which the owners were told: then everything waits."""
    try:
        return await limits_today(ports.core)
    except Refused as refused:
        log.warning("releases_wait", reason=refused.reason)
        return None


def _room_minor(guards: Guards, limits: LimitsToday, invoice: Invoice) -> int:
    """What is left of both limits, of purchases in all and of those with its coin."""
    left = [limits.remaining(guards, operation) for operation in purchases_with(invoice.asset)]
    if any(each.count < _counts(invoice) for each in left):
        return 0
    return min(each.amount_minor for each in left)


def _counts(invoice: Invoice) -> int:
    """An order whose limit was given back counts as an operation again; a surplus was counted with its order."""
    return 1 if invoice.limit_returned else 0


async def _release(
    ports: WorkerPorts, tenure: Tenure, invoice: Invoice, amount_minor: int, limits: LimitsToday
) -> None:
    counts, operations = _counts(invoice), purchases_with(invoice.asset)
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
                *(limits.take(invoice.person, each, amount_minor, counts=counts) for each in operations),
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
