"""One rail's worker: takes the lease, runs passes of its units while it holds it, saves after every step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.failures import LeaseLostError
from payout_worker.health import WELL, Health
from payout_worker.lease import LeaseKeeper, Taken
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from wallet_core.domain.errors import Reason, Refused, Unavailable
from wallet_core.domain.money import Asset

log = structlog.get_logger(__name__)

Pass = Callable[[Tenure], Awaitable[None]]
#: Raises whatever keeps the rail's other side, a node or the card company, from being relied on.
Check = Callable[[], Awaitable[object]]

_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 5.0
_LEASE_POLL_SECONDS: Final = 0.5


@dataclass
class Served:
    """One unit on a rail, and whether it is due."""

    items: RailItems
    run_pass: Pass
    due: asyncio.Event = field(default_factory=asyncio.Event)


class Worker:
    """The units of one rail under one lease. ``schedule`` says when they are due, ``check`` precedes every pass.

    ``form`` makes the rail's Payout unit take up its queue at the next pass, where there is one.
    """

    def __init__(
        self,
        asset: Asset,
        units: Sequence[Served],
        *,
        check: Check,
        keeper: LeaseKeeper,
        stop: Stop,
        health: Health,
        form: Callable[[], None] | None = None,
    ) -> None:
        self.asset = asset
        self._units = units
        self._check = check
        self._keeper = keeper
        self._stop = stop
        self._health = health
        self._form = form
        self._tenure: Tenure | None = None
        self._lost = asyncio.Event()

    async def run(self) -> None:
        """Works until it is told to stop; the lease may come and go."""
        epoch = metrics.EPOCH.labels(self.asset)
        epoch.set(0)
        while not self._stop.name:
            taken = await self._claim()
            if taken is None:
                return
            epoch.set(taken.tenure.epoch)
            self._begin(taken)
            await self._work(taken.tenure)
            self._tenure = None
            epoch.set(0)

    def wake(self) -> None:
        """Makes all units look at once, also at the order to stop."""
        for unit in self._units:
            unit.due.set()

    def form_soon(self) -> None:
        """Makes the Payout unit take up what is queued, however little it is."""
        if self._form is not None:
            self._form()
        self.wake()

    async def beat(self) -> None:
        """The heartbeat: tells other workers to stay away, and notices when one did not."""
        if self._tenure is None:
            return
        try:
            held = await self._keeper.beat(self._tenure)
        except Unavailable as error:
            log.warning("heartbeat_unanswered", asset=self.asset, error=str(error))
            return
        if not held:
            self._lost.set()

    async def _claim(self) -> Taken | None:
        waited = False
        with self._health.loop(self.asset) as came_round:
            while not self._stop.name:
                came_round()
                try:
                    taken = await self._keeper.take()
                except Unavailable as error:
                    log.warning("waiting_for_mongodb", error=str(error))
                    self._health.note_lease(self.asset, "the database has to answer first")
                else:
                    if taken is not None:
                        return taken
                    self._health.note_lease(self.asset, "another worker has it")
                    if not waited:
                        log.info("waiting_for_lease", lease=self._keeper.lease)
                        waited = True
                await self._stop.sleep(_LEASE_POLL_SECONDS)
        return None

    def _begin(self, taken: Taken) -> None:
        log.info("lease_taken", lease=taken.tenure.lease, epoch=taken.tenure.epoch, own_before=taken.own_before)
        for unit in self._units:
            # Until then nothing is promised: an address that can be paid to is one of those that it watches.
            self._health.note(self._name(unit), "its first pass is under way")
            unit.items.begin(taken)
            unit.items.save()
        self._health.note_lease(self.asset, WELL)
        self._tenure = taken.tenure
        self._lost.clear()

    async def _work(self, tenure: Tenure) -> None:
        lost = asyncio.create_task(self._lost.wait())
        units = {asyncio.create_task(self._serve(tenure, unit)) for unit in self._units}
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

    def _name(self, unit: Served) -> str:
        return f"{self.asset} {unit.items.name}"

    async def _serve(self, tenure: Tenure, unit: Served) -> None:
        pause = _FIRST_PAUSE_SECONDS
        last_pass, name = metrics.LAST_PASS.labels(self.asset, unit.items.name), self._name(unit)
        with self._health.loop(name) as came_round:
            while not self._stop.name:
                await unit.due.wait()
                unit.due.clear()
                came_round()
                try:
                    await self._check()
                    await unit.run_pass(tenure)
                except LeaseLostError:
                    raise
                except Exception as error:
                    _report(error, pause)
                    self._health.note(name, str(error) or type(error).__name__)
                    await self._stop.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                    unit.due.set()
                else:
                    self._health.note(name, WELL)
                    last_pass.set_to_current_time()
                    pause = _FIRST_PAUSE_SECONDS


def _report(error: Exception, pause_seconds: float) -> None:
    """A pass ended early: what is away comes back, anything else needs a person. Neither ends the process."""
    if isinstance(error, Refused) and error.reason is Reason.LEASE_LOST:
        raise LeaseLostError from error
    if isinstance(error, Unavailable):
        log.warning("waiting", error=str(error), seconds=pause_seconds)
    else:
        log.critical("pass_failed", exc_info=error, seconds=pause_seconds)
