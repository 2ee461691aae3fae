"""Which invoices a pass looks at. Every address that was ever allotted is watched, old ones at a slower pace."""

from __future__ import annotations

from typing import Final

from payout_worker.ports import WorkerPorts
from wallet_core.domain.purchase import Invoice, InvoiceState, Rail
from wallet_core.ports import After

#: Open invoices, those with something on its way, and the newest of the others are looked at in every pass.
_MOST_OPEN: Final = 10_000
_MOST_PENDING: Final = 1_000
_NEWEST: Final = 200
#: So many old addresses are looked at in a pass, in turn.
_OLD_PER_PASS: Final = 500


async def invoices_in_turn(ports: WorkerPorts, old_from: int) -> tuple[list[Invoice], int]:
    """The invoices of this pass, those with a payment on its way first, and where the next pass goes on."""
    rail = await ports.store.get(Rail, ports.asset)
    next_index = rail.next_index if rail else 0
    start = old_from if old_from < next_index else 0
    turn = tuple(range(start, min(start + _OLD_PER_PASS, next_index)))
    mine = {"asset": ports.asset}
    open_ = await ports.store.find(
        Invoice, {**mine, "state": InvoiceState.OPEN}, order_by=("created_at",), limit=_MOST_OPEN
    )
    on_the_way = await ports.store.find(
        Invoice, {**mine, "pending_minor": After(0)}, order_by=("-pending_minor",), limit=_MOST_PENDING
    )
    newest = await ports.store.find(Invoice, mine, order_by=("-index",), limit=_NEWEST)
    old = await ports.store.find(Invoice, {**mine, "index": turn}, limit=_OLD_PER_PASS) if turn else []
    once = {invoice.id: invoice for invoice in (*on_the_way, *open_, *newest, *old)}
    return list(once.values()), start + len(turn)
