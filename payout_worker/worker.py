"""One worker: takes the lease, runs passes of its units while it holds it, saves after every step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.failures import LeaseLostError
from payout_worker.health import Health
from payout_worker.lease import LeaseKeeper, Taken
from payout_worker.leaving import Units
from payout_worker.payouts import Payouts
from payout_worker.ports import WorkerPorts
from payout_worker.purchases import Purchases
from payout_worker.ready_node import check_chain
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Reason, Refused, Unavailable
from wallet_core.domain.purchase import Rail

log = structlog.get_logger(__name__)

Pass = Callable[[Tenure], Awaitable[None]]

_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 5.0
_LEASE_POLL_SECONDS: Final = 0.5


class Worker:
    """Two units under one lease. ``schedule`` says when each is due."""

    def __init__(self, ports: WorkerPorts, keeper: LeaseKeeper, units: Units, stop: Stop, health: Health) -> None:
        self._ports = ports
        self._keeper = keeper
        self._units = units
        self._stop = stop
        self._health = health
        self._payouts = Payouts(ports, units[0], stop)
        self._purchases = Purchases(ports, units[1], stop)
        self._tenure: Tenure | None = None
        self._lost = asyncio.Event()
        self.payouts_due = asyncio.Event()
        self.purchases_due = asyncio.Event()

    async def run(self) -> None:
        """Works until it is told to stop; the lease may come and go."""
        while not self._stop.name:
            taken = await self._claim()
            if taken is None:
                return
            metrics.EPOCH.set(taken.tenure.epoch)
            log.info("lease_taken", lease=taken.tenure.lease, epoch=taken.tenure.epoch, own_before=taken.own_before)
            for unit in self._units:
                unit.begin(taken)
                unit.save()
            self._tenure = taken.tenure
            self._lost.clear()
            await self._work(taken.tenure)
            self._tenure = None
            metrics.EPOCH.set(0)

    def wake(self) -> None:
        """Makes both units look at once, also at the order to stop."""
        self.payouts_due.set()
        self.purchases_due.set()

    async def beat(self) -> None:
        """The heartbeat: tells other workers to stay away, and notices when one did not."""
        if self._tenure is None:
            return
        try:
            held = await self._keeper.beat(self._tenure)
        except Unavailable as error:
            log.warning("heartbeat_unanswered", error=str(error))
            return
        if not held:
            self._lost.set()

    async def _claim(self) -> Taken | None:
        waited = False
        while not self._stop.name:
            try:
                taken = await self._keeper.take()
            except Unavailable as error:
                log.warning("waiting_for_mongodb", error=str(error))
                taken, waited = None, True
            if taken is not None:
                return taken
            self._health.waits_for = "lease"
            if not waited:
                log.info("waiting_for_lease", lease=self._keeper.lease)
                waited = True
            await asyncio.sleep(_LEASE_POLL_SECONDS)
        return None

    async def _work(self, tenure: Tenure) -> None:
        lost = asyncio.create_task(self._lost.wait())
        units = {
            asyncio.create_task(self._serve(tenure, self.payouts_due, self._payouts.run_pass)),
            asyncio.create_task(self._serve(tenure, self.purchases_due, self._purchases.run_pass)),
        }
        self.wake()
        done, _ = await asyncio.wait({lost, *units}, return_when=asyncio.FIRST_COMPLETED)
        if self._stop.name:
            # Each unit ends after its present step; who waits for longer cancels all of this.
            await asyncio.wait(units)
        for task in (lost, *units):
            task.cancel()
        results = await asyncio.gather(lost, *units, return_exceptions=True)
        if lost in done or any(isinstance(result, LeaseLostError) for result in results):
            log.warning("lease_lost", lease=tenure.lease, epoch=tenure.epoch)
            return
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _serve(self, tenure: Tenure, due: asyncio.Event, run_pass: Pass) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stop.name:
            await due.wait()
            due.clear()
            try:
                await self._check_node()
                await run_pass(tenure)
            except LeaseLostError:
                raise
            except Exception as error:
                self._report(error, pause)
                await self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                due.set()
            else:
                self._health.waits_for = ""
                pause = _FIRST_PAUSE_SECONDS

    def _report(self, error: Exception, pause_seconds: float) -> None:
        """A pass ended early: what is away comes back, anything else needs a person. Neither ends the process."""
        if isinstance(error, Refused) and error.reason is Reason.LEASE_LOST:
            raise LeaseLostError from error
        self._health.waits_for = str(error)
        if isinstance(error, Unavailable):
            log.warning("waiting", error=str(error), seconds=pause_seconds)
        else:
            log.critical("pass_failed", exc_info=error, seconds=pause_seconds)

    async def _check_node(self) -> None:
        """Another node may answer at the same address since the last pass."""
        rail = await self._ports.store.get(Rail, self._ports.asset)
        await check_chain(self._ports.node, self._ports.settings.eth_chain_id, rail.genesis if rail else None)

    async def _sleep(self, seconds: float) -> None:
        """Sleeps, but not through an order to stop."""
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return
