"""One rail's worker: takes the lease, runs passes of its units while it holds it, saves after every step.

It lets the lease go between two passes: when it is told to stop, or for a worker that has fewer rails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.failures import LeaseLostError
from payout_worker.health import WELL, Health
from payout_worker.lease import LeaseKeeper, Taken
from payout_worker.share import WISH_SECONDS, Share
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
#: A database that is away keeps nobody from leaving.
_LEAVE_SECONDS: Final = 1.0


@dataclass
class Served:
    """One unit on a rail, and whether it is due."""

    items: RailItems
    run_pass: Pass
    due: asyncio.Event = field(default_factory=asyncio.Event)


class Worker:
    """The units of one rail under one lease. ``schedule`` says when they are due, ``check`` precedes every pass.

    ``could_serve`` precedes every wish for a lease that another worker has; where it is None, ``check`` does. ``form``
    makes the rail's Payout unit take up its queue at the next pass, where there is one.
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
        share: Share,
        could_serve: Check | None = None,
        form: Callable[[], None] | None = None,
    ) -> None:
        self.asset = asset
        self._units = units
        self._check = check
        self._could_serve = could_serve or check
        self._keeper = keeper
        self._stop = stop
        self._health = health
        self._share = share
        self._form = form
        self._tenure: Tenure | None = None
        #: The worker that the lease is given to once the passes under way are over.
        self._heir: str | None = None
        #: Since when the rail's other side cannot be relied on.
        self._away_since: float | None = None
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
            holds = await self._work(taken.tenure)
            self._tenure = None
            if holds:
                await self._let_go(taken.tenure)
            self._share.end(taken.tenure.lease)
            self._heir = None
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
            if not await self._keeper.beat(self._tenure):
                self._lost.set()
            elif not self._leaves:
                await self._look_for_heir(self._tenure)
        except Unavailable as error:
            log.warning("heartbeat_unanswered", asset=self.asset, error=str(error))

    @property
    def _leaves(self) -> bool:
        """Whether no pass begins any more in this epoch."""
        return self._stop.name is not None or self._heir is not None

    async def _look_for_heir(self, tenure: Tenure) -> None:
        is_away = self._away_since is not None and time.monotonic() > self._away_since + self._keeper.lease_seconds
        self._heir = await self._share.heir(tenure.lease, must_go=is_away)
        if self._heir is not None:
            self.wake()

    async def _claim(self) -> Taken | None:
        waited, wished_at = False, float("-inf")
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
                    if time.monotonic() > wished_at + WISH_SECONDS:
                        wished_at = time.monotonic()
                        await self._wish()
                await self._stop.sleep(_LEASE_POLL_SECONDS)
        await self._wish_no_more()
        return None

    async def _wish(self) -> None:
        """Says that the lease would be in good hands here, if that is so."""
        try:
            await self._could_serve()
            await self._share.wish(self._keeper.lease)
        except Exception as error:
            log.debug("could_not_serve", asset=self.asset, error=str(error))

    async def _wish_no_more(self) -> None:
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._share.wish_no_more(self._keeper.lease)
        except (Unavailable, TimeoutError) as error:
            log.debug("wish_stays", asset=self.asset, error=str(error))

    async def _let_go(self, tenure: Tenure) -> None:
        """Another worker need not wait until this one was silent for long. Where that fails it waits."""
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._keeper.release(tenure, self._heir or "")
        except (Unavailable, Refused, TimeoutError) as error:
            log.warning("lease_not_released", lease=tenure.lease, error=str(error))
            return
        log.info("lease_released", lease=tenure.lease, epoch=tenure.epoch, to=self._heir or "")
        if self._heir is not None:
            for unit in self._units:
                unit.items.forget()

    def _begin(self, taken: Taken) -> None:
        log.info("lease_taken", lease=taken.tenure.lease, epoch=taken.tenure.epoch, own_before=taken.own_before)
        for unit in self._units:
            # Until then nothing is promised: an address that can be paid to is one of those that it watches.
            self._health.note(self._name(unit), "its first pass is under way")
            unit.items.begin(taken)
            unit.items.save()
        self._health.note_lease(self.asset, WELL)
        self._share.begin(taken.tenure.lease)
        self._heir, self._away_since = None, None
        self._tenure = taken.tenure
        self._lost.clear()

    async def _work(self, tenure: Tenure) -> bool:
        """Passes until the lease is lost, or is to be let go; tells whether it is still held."""
        lost = asyncio.create_task(self._lost.wait())
        units = {asyncio.create_task(self._serve(tenure, unit)) for unit in self._units}
        self.wake()
        done, _ = await asyncio.wait({lost, *units}, return_when=asyncio.FIRST_COMPLETED)
        if self._leaves:
            # Each unit ends after its present step; who waits for longer cancels all of this.
            await asyncio.wait(units)
        for task in (lost, *units):
            task.cancel()
        results = await asyncio.gather(lost, *units, return_exceptions=True)
        if lost in done or any(isinstance(result, LeaseLostError) for result in results):
            log.warning("lease_lost", lease=tenure.lease, epoch=tenure.epoch)
            return False
        for result in results:
            if isinstance(result, Exception):
                raise result
        return True

    def _name(self, unit: Served) -> str:
        return f"{self.asset} {unit.items.name}"

    async def _serve(self, tenure: Tenure, unit: Served) -> None:
        pause = _FIRST_PAUSE_SECONDS
        last_pass, name = metrics.LAST_PASS.labels(self.asset, unit.items.name), self._name(unit)
        # An heir's node may be behind what the node of the holder before has shown.
        check = self._could_serve
        with self._health.loop(name) as came_round:
            while not self._leaves:
                await unit.due.wait()
                unit.due.clear()
                came_round()
                if self._leaves:
                    return
                try:
                    await self._check_and_note(check)
                    check = self._check
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

    async def _check_and_note(self, check: Check) -> None:
        try:
            await check()
        except Exception:
            self._away_since = self._away_since or time.monotonic()
            raise
        self._away_since = None


def _report(error: Exception, pause_seconds: float) -> None:
    """A pass ended early: what is away comes back, anything else needs a person. Neither ends the process."""
    if isinstance(error, Refused) and error.reason is Reason.LEASE_LOST:
        raise LeaseLostError from error
    if isinstance(error, Unavailable):
        log.warning("waiting", error=str(error), seconds=pause_seconds)
    else:
        log.critical("pass_failed", exc_info=error, seconds=pause_seconds)
