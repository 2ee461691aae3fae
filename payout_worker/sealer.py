"""Chains what all processes post into seals, every few seconds, whatever the chains' nodes do.

One of several workers does it, under a lease of its own. The lease saves work, no more: two that seal at once make one
chain.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.head_file import HeadFile
from payout_worker.health import Health
from payout_worker.lease import LeaseKeeper
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Unavailable, WalletError
from wallet_core.domain.seal import Head, Seal
from wallet_core.ports import Seals, Store
from wallet_core.use_cases.seals import tail_of_chain

log = structlog.get_logger(__name__)

#: The label of figures that are about no chain.
_NO_CHAIN: Final = ""
#: A cancelled seal has so long to tell the database that it is given up.
_GIVE_UP_SECONDS: Final = 0.5


@dataclass
class Sealer:
    """Seals every ``seconds`` until it is told to stop. No error ends it."""

    seals: Seals
    store: Store
    keeper: LeaseKeeper
    kept: HeadFile
    stop: Stop
    seconds: float
    health: Health = field(default_factory=Health)
    _tenure: Tenure | None = field(default=None, init=False)
    _told: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Works until the order to stop."""
        with self.health.loop("seal") as came_round:
            while not self.stop.name:
                came_round()
                try:
                    await self.turn()
                except Unavailable as error:
                    log.warning("sealing_waits", error=str(error))
                except Exception as error:
                    metrics.ERRORS.labels(_NO_CHAIN, "seal", type(error).__name__).inc()
                    log.critical("sealing_failed", exc_info=error)
                await self.stop.sleep(self.seconds)

    async def turn(self) -> None:
        """Seals all that waits, if it is this worker's to seal. Raises ``Unavailable``."""
        while await self._holds() and await self._continues(self.kept.head):
            if not await self._seal() or self.stop.name:
                break
        tail = await tail_of_chain(self.store)
        metrics.TAIL_GROUPS.set(tail.groups)
        metrics.TAIL_SECONDS.set(tail.seconds)

    async def leave(self) -> None:
        """Seals what the rails posted last, and lets another worker go on at once. Raises ``Unavailable``."""
        while await self._holds() and await self._continues(self.kept.head) and await self._seal():
            log.debug("sealing_before_leaving")
        if self._tenure is not None:
            await self.keeper.fall_silent(self._tenure)

    async def _holds(self) -> bool:
        if self._tenure is not None and await self.keeper.beat(self._tenure):
            return True
        taken = await self.keeper.take()
        self._tenure = taken.tenure if taken else None
        if taken is None:
            return False
        log.info("sealing", epoch=taken.tenure.epoch, holder=taken.tenure.holder)
        # What was refused may have been mended since.
        await self.seals.reconsider()
        return True

    async def _continues(self, head: Head) -> bool:
        """Whether the database still has the last seal that was made here. Nothing is sealed on top of less."""
        seal = await self.store.get(Seal, head.length) if head.length else None
        if not head.length or (seal is not None and seal.mac == head.mac):
            self._told = False
            return True
        if not self._told:
            self._told = True
            lost = "is missing" if seal is None else "is another one"
            self._alarm("seals_lost", f"seal {head.length} of {head.at} {lost}: see {self.kept.path}")
        return False

    async def _seal(self) -> bool:
        """One seal; True when there is more to do at once."""
        sealed = await self.seals.seal()
        for fault in sealed.faults:
            self._alarm("seal_fault", fault)
        if sealed.groups:
            self.kept.keep(sealed.head)
            metrics.SEALED_RECORDS.set(sealed.head.records)
            log.debug("sealed", seal=sealed.head.length, groups=sealed.groups, records=sealed.head.records)
        return sealed.more

    def _alarm(self, alarm: str, what: str) -> None:
        metrics.ALARMS.labels(_NO_CHAIN, alarm).inc()
        log.critical("alarm", alarm=alarm, what=what)


@asynccontextmanager
async def sealing(sealer: Sealer) -> AsyncIterator[None]:
    """Seals beside what the block does. A seal that is under way at its end is given up, which is always safe."""
    task, is_over = asyncio.create_task(sealer.run()), False
    try:
        yield
        is_over = True
    finally:
        if is_over and sealer.stop.name:
            await asyncio.wait({task}, timeout=_GIVE_UP_SECONDS)
            await _leave(sealer)
        task.cancel()
        await asyncio.wait({task}, timeout=_GIVE_UP_SECONDS)


async def _leave(sealer: Sealer) -> None:
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            await sealer.leave()
    except (TimeoutError, WalletError) as error:
        log.warning("left_unsealed", error=str(error))
