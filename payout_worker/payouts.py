"""The Payout unit: one pass takes up everything in flight, then forms new batches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from payout_worker import metrics
from payout_worker.failures import Failures
from payout_worker.ports import WorkerPorts
from payout_worker.signals import Stop
from payout_worker.steps.broadcast_batch import broadcast_batch
from payout_worker.steps.confirm_batch import confirm_batch
from payout_worker.steps.form_batch import form_batch, queued
from payout_worker.steps.settle_batch import settle_batch
from payout_worker.steps.sign_batch import sign_batch
from payout_worker.tenure import Tenure
from payout_worker.unit import Unit
from payout_worker.watchers.settled import watch_settled
from wallet_core.domain.chain import Heights
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch, BatchState, Withdrawal

log = structlog.get_logger(__name__)

Step = Callable[[WorkerPorts, Tenure, Batch], Awaitable[bool]]

#: The step that a batch in this state needs; a step tells whether it moved the batch.
STEPS: Final[Mapping[BatchState, Step]] = {
    BatchState.FORMED: sign_batch,
    BatchState.SIGNED: broadcast_batch,
    BatchState.BROADCAST: confirm_batch,
    BatchState.CONFIRMED: settle_batch,
}
_WAIT_FOR_BLOCKS: Final = (BatchState.BROADCAST, BatchState.CONFIRMED)
#: A payout that is too large for the hot wallet, or of which the node gives no verdict, waits by itself.
_WAITS_ALONE: Final = (Reason.HOT_WALLET_SHORT, Reason.NODE_UNCLEAR)
_MOST_WAITING: Final = 20
#: No more batches than this are looked at in one pass.
_MOST_IN_FLIGHT: Final = 1_024


class Payouts:
    """Pays what is queued."""

    def __init__(self, ports: WorkerPorts, unit: Unit, stop: Stop) -> None:
        self._ports = ports
        self._unit = unit
        self._stop = stop
        self._failures = Failures(unit.name)
        self._waits_for: str | None = None
        #: The chain as it was when everything in flight was last looked at.
        self._looked_at: Heights | None = None

    async def run_pass(self, tenure: Tenure) -> None:
        """What is pending first, then new work. Raises ``Unavailable`` and ``LeaseLostError``."""
        heights = await self._ports.node.heights()
        new_block = heights != self._looked_at
        for batch in await self._in_flight():
            if self._stop.name:
                return
            # Only a new block tells anything new of a batch whose transaction was seen.
            if new_block or batch.state not in _WAIT_FOR_BLOCKS or batch.unknown:
                await self._advance(tenure, batch)
        if new_block:
            await watch_settled(self._ports, tenure, heights)
        self._looked_at = heights
        await self._form_new(tenure)

    async def _in_flight(self) -> list[Batch]:
        """The state file's items in its order, then whatever else MongoDB says, by nonce."""
        where = {"asset": self._ports.asset, "state": BATCHES_IN_FLIGHT}
        found = await self._ports.store.find(Batch, where, order_by=("nonce",), limit=_MOST_IN_FLIGHT)
        batches = self._unit.in_order(found)
        self._unit.keep_only(batch.id for batch in batches)
        for batch in batches:
            self._unit.note("batch", batch.id, batch.state)
        return [batch for batch in batches if not self._failures.has_stopped(batch.id)]

    async def _form_new(self, tenure: Tenure) -> None:
        waiting = 0
        async for payout in queued(self._ports):
            # Those that wait for themselves do not keep the others, but a pass does not ask about them without end.
            if self._stop.name or waiting >= _MOST_WAITING:
                return
            if self._failures.has_stopped(payout.id):
                continue
            try:
                batch = await form_batch(self._ports, tenure, payout)
            except Refused as refused:
                if refused.reason is Reason.RAIL_OFF:
                    self._say_waiting(refused)
                    return
                waiting += refused.reason in _WAITS_ALONE
                await self._failures.after(self._ports, tenure, payout.id, refused)
            except Exception as error:
                await self._failures.after(self._ports, tenure, payout.id, error)
            else:
                await self._take_up(tenure, payout, batch)

    async def _take_up(self, tenure: Tenure, payout: Withdrawal, batch: Batch | None) -> None:
        if batch is None:
            return
        self._waits_for = None
        self._moved("form_batch", batch)
        await self._advance(tenure, batch)

    async def _advance(self, tenure: Tenure, batch: Batch) -> None:
        """Runs the steps that the batch needs until one has to wait, saving after each."""
        present: Batch | None = batch
        with bound_contextvars(batch=batch.id, nonce=batch.nonce):
            try:
                while present and present.state in STEPS and not self._stop.name:
                    step = STEPS[present.state]
                    if not await step(self._ports, tenure, present):
                        return
                    present = await self._ports.store.get(Batch, batch.id)
                    self._moved(step.__name__, present or batch)
                    if present and present.state is BatchState.BROADCAST:
                        # Nothing more can be known before the next look at the chain.
                        return
            except Exception as error:
                await self._failures.after(self._ports, tenure, batch.id, error)

    def _moved(self, step: str, batch: Batch) -> None:
        metrics.STEPS.labels(step).inc()
        self._unit.note("batch", batch.id, batch.state if batch.state in STEPS else None)
        self._unit.save()

    def _say_waiting(self, refused: Refused) -> None:
        """Once for each reason, not at every pass."""
        waits_for = str(refused.facts.get("waits_for"))
        if waits_for != self._waits_for:
            log.warning("nothing_is_formed", **refused.facts)
        self._waits_for = waits_for
