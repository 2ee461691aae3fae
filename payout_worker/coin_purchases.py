"""What the Purchase unit looks at on a chain of coins: payments that are new, on their way, or lost their block."""

from __future__ import annotations

from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.failures import Failures
from payout_worker.ports import WorkerPorts
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from payout_worker.watchers.arrivals import Sighting, note_seen, see_arrivals
from payout_worker.watchers.coin_deposits import look_at_payment
from wallet_core.domain.chain import Heights
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Rail

log = structlog.get_logger(__name__)

#: The block up to which all was taken in, in the state file's cursors; the rail has it as well, with its hash.
_SEEN_TO: Final = "deposits_seen_to"
#: The pool's mark may be the same by chance, so now and then the wallet is asked all the same.
_PASSES_PER_LOOK: Final = 15


class CoinPurchases:
    """Looks at payments in turn, those of the state file first."""

    def __init__(self, ports: WorkerPorts, items: RailItems, stop: Stop, failures: Failures) -> None:
        self._ports = ports
        self._items = items
        self._stop = stop
        self._failures = failures
        self._quiet = 0
        self._looked_at: tuple[int, Heights, str] | None = None

    async def look(self, tenure: Tenure, heights: Heights) -> bool:
        """Whether everything that is known of now was looked at. Without a change of chain or pool there is nothing."""
        mark = (tenure.epoch, heights, await self._ports.node.pool_mark())
        self._quiet = self._quiet + 1 if mark == self._looked_at else 0
        if mark == self._looked_at and self._quiet % _PASSES_PER_LOOK:
            return True
        rail = await self._ports.store.get(Rail, self._ports.asset)
        if rail is None:
            raise InvariantViolated(f"the rail of {self._ports.asset} is gone")
        seen = await see_arrivals(self._ports, tenure, self._from_file(rail), heights)
        # What was stopped is looked at by the next process, which has to find it again.
        in_step = not any(self._failures.has_stopped(sighting.id) for sighting in seen.sightings)
        for sighting in self._in_order(list(seen.sightings)):
            if self._stop.name:
                return False
            in_step = await self._look_at(tenure, sighting, heights) and in_step
        if in_step:
            await note_seen(self._ports, tenure, rail, seen)
            self._items.cursors[_SEEN_TO] = seen.height
        self._looked_at = mark if in_step else None
        return True

    def _from_file(self, rail: Rail) -> Rail:
        """A state file that saw less is believed: to look twice harms nobody."""
        seen_to = self._items.cursors.get(_SEEN_TO, rail.scanned_height)
        if seen_to >= rail.scanned_height:
            return rail
        return rail.model_copy(update={"scanned_hash": None, "scanned_height": seen_to})

    def _in_order(self, sightings: list[Sighting]) -> list[Sighting]:
        by_id = {sighting.id: sighting for sighting in sightings}
        ordered = self._items.in_order([sighting.payment for sighting in sightings])
        self._items.keep_only(by_id)
        return [by_id[payment.id] for payment in ordered if not self._failures.has_stopped(payment.id)]

    async def _look_at(self, tenure: Tenure, sighting: Sighting, heights: Heights) -> bool:
        if sighting.still_waits and sighting.id in self._items:
            self._failures.went_on(sighting.id)
            return True
        try:
            in_step = await look_at_payment(self._ports, tenure, sighting, heights)
        except Exception as error:
            await self._failures.after(self._ports, tenure, sighting.id, error)
            return False
        self._failures.went_on(sighting.id)
        await self._note(sighting)
        return in_step

    async def _note(self, sighting: Sighting) -> None:
        payment = await self._ports.store.get(Payment, sighting.id)
        is_pending = payment is not None and payment.state is PaymentState.PENDING
        if sighting.new or is_pending != (sighting.id in self._items):
            metrics.STEPS.labels(self._ports.asset, "look_at_payment").inc()
            self._items.note("payment", sighting.id, "pending" if is_pending else None)
            self._items.save()
