"""What the Purchase unit looks at on Ethereum: the balances of watched addresses, in turn."""

from __future__ import annotations

from typing import Final

from payout_worker import metrics
from payout_worker.failures import Failures
from payout_worker.ports import WorkerPorts
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from payout_worker.watchers.deposits import Balances, balances_of, look_at_invoice
from payout_worker.watchers.scan import note_scanned, scan_blocks
from payout_worker.watchers.watched import invoices_in_turn
from wallet_core.domain.chain import Heights
from wallet_core.domain.purchase import Invoice

#: Where the turn of the old addresses stands, in the state file's cursors.
_OLD_FROM: Final = "old_from"


class EtherPurchases:
    """Looks at invoices in turn, those of the state file first."""

    def __init__(self, ports: WorkerPorts, items: RailItems, stop: Stop, failures: Failures) -> None:
        self._ports = ports
        self._items = items
        self._stop = stop
        self._failures = failures
        self._looked_at: Heights | None = None

    async def look(self, tenure: Tenure, heights: Heights) -> bool:
        """Whether every invoice of this pass was looked at. Without a new block nothing can have arrived."""
        return heights == self._looked_at or await self._look_at_all(tenure, heights)

    async def _look_at_all(self, tenure: Tenure, heights: Heights) -> bool:
        """False when it was told to stop before the last."""
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
        if changed or pending != (invoice.id in self._items):
            metrics.STEPS.labels(self._ports.asset, "look_at_invoice").inc()
            self._items.note("invoice", invoice.id, "pending" if pending else None)
            self._items.save()
