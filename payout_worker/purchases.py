"""The Purchase unit: one pass looks at the watched addresses and books what is final."""

from __future__ import annotations

from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.failures import Failures
from payout_worker.ports import WorkerPorts
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from payout_worker.watchers.deposits import Balances, balances_of, look_at_invoice
from payout_worker.watchers.expiry import expire_unpaid
from payout_worker.watchers.holds import expire_holds
from payout_worker.watchers.release import release_held
from payout_worker.watchers.scan import note_scanned, scan_blocks
from payout_worker.watchers.watched import invoices_in_turn
from payout_worker.watchers.window import widen_window
from wallet_core.domain.chain import Heights
from wallet_core.domain.purchase import Invoice

log = structlog.get_logger(__name__)

#: Where the turn of the old addresses stands, in the state file's cursors.
_OLD_FROM: Final = "old_from"
#: And where the turn of the held money stands.
_HELD_FROM: Final = "held_from"
#: Held money waits for another day, so it is looked at now and then.
_PASSES_PER_RELEASE: Final = 15


class Purchases:
    """Credits what arrives."""

    def __init__(self, ports: WorkerPorts, items: RailItems, stop: Stop) -> None:
        self._ports = ports
        self._items = items
        self._stop = stop
        self._failures = Failures(items.name)
        self._passes = 0
        self._looked_at: Heights | None = None

    async def run_pass(self, tenure: Tenure) -> None:
        """What is pending first, in the state file's order. Raises ``Unavailable`` and ``LeaseLostError``."""
        await widen_window(self._ports, tenure)
        heights = await self._ports.node.heights()
        # Without a new block nothing can have arrived.
        if heights == self._looked_at or await self._look_at_all(tenure, heights):
            await expire_unpaid(self._ports, tenure)
        await expire_holds(self._ports, tenure)
        if not self._stop.name and self._passes % _PASSES_PER_RELEASE == 0:
            held_from = self._items.cursors.get(_HELD_FROM, 0)
            self._items.cursors[_HELD_FROM] = await release_held(self._ports, tenure, held_from)
        self._passes += 1

    async def _look_at_all(self, tenure: Tenure, heights: Heights) -> bool:
        """Looks at every invoice of this pass; False when it was told to stop before the last."""
        scan = await scan_blocks(self._ports, heights)
        in_turn, old_from = await invoices_in_turn(self._ports, self._items.cursors.get(_OLD_FROM, 0))
        once = {invoice.id: invoice for invoice in (*in_turn, *scan.invoices)}
        invoices = [i for i in self._items.in_order(once.values()) if not self._failures.has_stopped(i.id)]
        self._items.keep_only(invoice.id for invoice in invoices)
        seen = await balances_of(self._ports, invoices, heights, scan)
        for invoice, balances in zip(invoices, seen, strict=True):
            if self._stop.name:
                return False
            await self._look(tenure, invoice, balances)
        await note_scanned(self._ports, tenure, heights, scan.through)
        self._items.cursors[_OLD_FROM] = old_from
        # Blocks that were not read yet are news as well.
        self._looked_at = heights if scan.through >= heights.latest else None
        return True

    async def _look(self, tenure: Tenure, invoice: Invoice, seen: Balances) -> None:
        try:
            changed = await look_at_invoice(self._ports, tenure, invoice, seen)
        except Exception as error:
            await self._failures.after(self._ports, tenure, invoice.id, error)
            return
        self._failures.went_on(invoice.id)
        pending = seen.head_minor > seen.final_minor
        if changed or pending != (invoice.id in self._items.item_ids):
            metrics.STEPS.labels(self._ports.asset, "look_at_invoice").inc()
            self._items.note("invoice", invoice.id, "pending" if pending else None)
            self._items.save()
