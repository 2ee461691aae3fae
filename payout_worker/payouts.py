"""The Payout unit: one pass takes up everything in flight, then forms new batches, and moves our own money."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from payout_worker import metrics
from payout_worker.failures import Failures, LeaseLostError
from payout_worker.forming import Forming, Learned
from payout_worker.key_gate import Gate, always_open
from payout_worker.levels import Levels
from payout_worker.ports import WorkerPorts
from payout_worker.signals import Stop
from payout_worker.standstill import Standstill
from payout_worker.steps.broadcast_batch import broadcast_batch
from payout_worker.steps.bump_fee import bump_fee
from payout_worker.steps.confirm_batch import confirm_batch
from payout_worker.steps.settle_batch import settle_batch
from payout_worker.steps.sign_batch import sign_batch
from payout_worker.sweeping import Sweeping
from payout_worker.tenure import Tenure
from payout_worker.trigger import Trigger
from payout_worker.unit import RailItems
from payout_worker.watchers.heights import note_height
from payout_worker.watchers.settled import watch_settled
from payout_worker.watchers.spends import watch_spends
from payout_worker.watchers.strays import watch_strays
from wallet_core.domain.chain import Heights
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch, BatchState

log = structlog.get_logger(__name__)

Step = Callable[[WorkerPorts, Tenure, Batch], Awaitable[bool]]

#: The steps that a batch in this state needs, in order, until one moves it. Each tells whether it did.
STEPS: Final[Mapping[BatchState, tuple[Step, ...]]] = {
    BatchState.FORMED: (sign_batch,),
    BatchState.SIGNED: (broadcast_batch,),
    BatchState.BROADCAST: (confirm_batch, bump_fee),
    BatchState.CONFIRMED: (settle_batch,),
}
_WAIT_FOR_BLOCKS: Final = (BatchState.BROADCAST, BatchState.CONFIRMED)
#: No more batches than this are looked at in one pass.
_MOST_IN_FLIGHT: Final = 1_024


class Payouts:
    """Pays what is queued on one rail."""

    def __init__(self, ports: WorkerPorts, items: RailItems, stop: Stop, keys_stand: Gate = always_open) -> None:
        self._ports = ports
        self._keys_stand = keys_stand
        self._items = items
        self._stop = stop
        self._failures = Failures(items.name)
        self._trigger = Trigger(ports)
        self._standstill = Standstill()
        self._sweeping = Sweeping(ports, self._failures)
        self._levels = Levels(ports, self._failures)
        self._learned = Learned()
        #: The epoch, and the chain as it was when everything in flight was last looked at.
        self._looked_at: tuple[int, Heights] | None = None

    def form_soon(self) -> None:
        """The next pass takes up the queue, however few wait in it."""
        self._trigger.form_soon()

    async def run_pass(self, tenure: Tenure) -> None:
        """What is pending first, then new work. Raises ``Unavailable`` and ``LeaseLostError``."""
        try:
            await self._run_pass(tenure)
        except Refused as refused:
            if refused.reason is Reason.LEASE_LOST:
                raise LeaseLostError from refused
            raise

    async def _run_pass(self, tenure: Tenure) -> None:
        heights = await self._ports.node.heights()
        looked_at = (tenure.epoch, heights)
        new_block = looked_at != self._looked_at
        if new_block:
            await watch_spends(self._ports, tenure, heights, self._items.cursors)
        in_flight = await self._in_flight()
        if new_block:
            await watch_strays(self._ports, tenure, in_flight)
        for batch in in_flight:
            if self._stop.name:
                return
            # Only a new block tells anything new of a batch whose transaction was seen.
            if new_block or batch.state not in _WAIT_FOR_BLOCKS or batch.unknown or batch.wants:
                await self._advance(tenure, batch)
        if new_block:
            await watch_settled(self._ports, tenure, heights)
            await note_height(self._ports, tenure, heights)
        self._looked_at = looked_at
        if not await self._keys_stand():
            return
        await self._form_new(tenure)
        await self._advance_all(tenure, "form_sweep", self._sweeping.batches(tenure))
        await self._advance_all(tenure, "form_own", self._levels.batches(tenure))

    async def _in_flight(self) -> list[Batch]:
        """The state file's items in its order, then whatever else MongoDB says, oldest first."""
        where = {"asset": self._ports.asset, "state": BATCHES_IN_FLIGHT}
        order = ("created_at", "nonce", "_id")
        found = await self._ports.store.find(Batch, where, order_by=order, limit=_MOST_IN_FLIGHT)
        batches = self._items.in_order(found)
        self._items.keep_only(batch.id for batch in batches)
        for batch in batches:
            self._items.note("batch", batch.id, batch.state)
        return [batch for batch in batches if not self._failures.has_stopped(batch.id)]

    async def _form_new(self, tenure: Tenure) -> None:
        if self._stop.name or not await self._trigger.is_due():
            return
        forming = Forming(self._ports, tenure, self._failures, self._stop, self._learned)
        try:
            async for batch in forming.batches():
                self._standstill.end()
                self._moved("form_batch", batch)
                await self._advance(tenure, batch)
        except Refused as refused:
            if refused.reason is not Reason.RAIL_OFF:
                raise
            await self._standstill.goes_on(self._ports, tenure, refused, await self._trigger.waiting())
            return
        self._standstill.end()
        if forming.again:
            self._trigger.form_soon()
        elif not self._stop.name:
            await self._trigger.taken_up(tenure)

    async def _advance_all(self, tenure: Tenure, step: str, formed: AsyncIterator[Batch]) -> None:
        """What moves our own money, each as far as it goes now."""
        if self._stop.name:
            return
        async for batch in formed:
            self._moved(step, batch)
            await self._advance(tenure, batch)

    async def _advance(self, tenure: Tenure, batch: Batch) -> None:
        """Runs the steps that the batch needs until one has to wait, saving after each."""
        present: Batch | None = batch
        with bound_contextvars(batch=batch.id):
            try:
                while present and present.state in STEPS and not self._stop.name:
                    if not await self._step(tenure, present):
                        return
                    present = await self._ports.store.get(Batch, batch.id)
                    if present and present.state is BatchState.BROADCAST and not present.wants:
                        # Nothing more can be known before the next look at the chain.
                        return
            except Exception as error:
                await self._failures.after(self._ports, tenure, batch.id, error)

    async def _step(self, tenure: Tenure, batch: Batch) -> bool:
        """Runs what the batch's state needs; an attempt that is wanted is signed once it is not in the chain."""
        steps = STEPS[batch.state]
        if batch.state is BatchState.BROADCAST and batch.wants:
            steps = (confirm_batch, sign_batch)
        for step in steps:
            if step is sign_batch and not await self._keys_stand():
                return False
            if await step(self._ports, tenure, batch):
                await self._note(step.__name__, batch)
                self._failures.went_on(batch.id)
                return True
        self._failures.went_on(batch.id)
        return False

    async def _note(self, step: str, batch: Batch) -> None:
        self._moved(step, await self._ports.store.get(Batch, batch.id) or batch)

    def _moved(self, step: str, batch: Batch) -> None:
        metrics.STEPS.labels(self._ports.asset, step).inc()
        self._items.note("batch", batch.id, batch.state if batch.state in STEPS else None)
        self._items.save()
