"""The worker's process: waits for what it needs, refuses what it must not touch, and leaves in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from pydantic import ValidationError

from payout_worker import failpoints
from payout_worker.card_rail import CardRail
from payout_worker.chains import served_chains
from payout_worker.collector import collect_seldom
from payout_worker.head_file import HeadFile
from payout_worker.health import Health, serving
from payout_worker.lease import LeaseKeeper
from payout_worker.leaving import STOPPED, Units, load_units, save_units
from payout_worker.logs import log_json
from payout_worker.mass_rail import MassRail
from payout_worker.ready_node import WrongChainError
from payout_worker.schedule import running_scheduler
from payout_worker.sealer import Sealer, sealing
from payout_worker.served_rail import ServedRail, Shared
from payout_worker.share import Share
from payout_worker.signals import Stop
from payout_worker.state_file import StateFolder
from wallet_core.bootstrap import open_worker
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.lease import SEAL_LEASE
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Seals
from wallet_core.settings import Environment, Process, Settings
from wallet_core.use_cases.beat_for_ever import beat_for_ever

log = structlog.get_logger(__name__)

FAILED: Final = 1
MUST_NOT_START: Final = 2
#: A step that is under way at a signal has so long to end; then it is abandoned, which is always safe.
_GRACE_SECONDS: Final = 2.5


class _MustNotStartError(Exception):
    """Something is set up in a way that an operator has to mend first."""


def run(stop: Stop) -> int:
    """The whole life of the process; returns its exit code."""
    try:
        settings = Settings()
        log_json(settings.log_level)
        _refuse_unsafe(settings)
        collect_seldom()
        return asyncio.run(_Process(settings, stop).run())
    except (_MustNotStartError, WrongChainError, ValidationError, FileNotFoundError, InvariantViolated) as error:
        log.critical("must_not_start", error=str(error))
        return MUST_NOT_START
    except BlockingIOError:
        log.critical("must_not_start", error="another worker has this WORKER_STATE_DIR")
        return MUST_NOT_START


def _refuse_unsafe(settings: Settings) -> None:
    findings = settings.unsafe_in_production(Process.WORKER)
    # Mass sends are always set up, so whoever is to serve nothing else says so.
    is_for_mass_sends = Asset.ITD in settings.worker_rails.split()
    if not (served_chains(settings) or _serves_cards(settings) or is_for_mass_sends):
        findings = [*findings, "no rail is served: set ETH_RPC_URL, BTC_RPC_URL or LTC_RPC_URL, and see WORKER_RAILS"]
    if settings.has_live_key and settings.wallet_env is Environment.SANDBOX:
        findings = [*findings, "STRIPE_API_KEY moves real money, and this is a sandbox"]
    if findings:
        raise _MustNotStartError("; ".join(findings))
    failpoints.refuse_in_production(settings)


def _serves_cards(settings: Settings) -> bool:
    return settings.takes_cards and settings.has_rail(Asset.USD)


class _Process:
    """One start of the worker, from its state folder to its last state files."""

    def __init__(self, settings: Settings, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        # A loop that sleeps until its next turn is well.
        longest_sleep = max(settings.worker_poll_seconds, settings.seal_seconds)
        self._health = Health(settings.worker_stuck_seconds + longest_sleep)
        self._chains: list[ServedRail] = []
        self._cards: CardRail | None = None
        self._mass: MassRail | None = None

    async def run(self) -> int:
        with StateFolder(self._settings.worker_state_dir) as folder:
            units = load_units(folder.folder)
            work = asyncio.create_task(self._work(folder, units))
            await self._until_stopped(work, units)
        return STOPPED

    async def _until_stopped(self, work: asyncio.Task[None], units: Units) -> None:
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if self._stop.name:
            for chain in self._chains:
                chain.wake()
            for rail in (self._cards, self._mass):
                if rail is not None:
                    rail.wake()
            await asyncio.wait({work}, timeout=_GRACE_SECONDS)
        work.cancel()
        if self._stop.name:
            save_units(units, self._stop.name)
        stopping.cancel()
        try:
            await work
        except asyncio.CancelledError:
            log.info("abandoned_step")

    async def _work(self, folder: StateFolder, units: Units) -> None:
        health = serving(self._health, self._settings.worker_health_port)
        async with health, open_worker(self._settings) as (core, seals):
            with running_scheduler() as scheduler:
                share = Share(core.store, folder.identity, self._settings.lease_seconds)
                shared = Shared(core, folder, units, self._stop, self._health, scheduler, share)
                self._health.ask("primary", core.store.now)
                self._chains = [ServedRail(asset, shared) for asset in served_chains(self._settings)]
                self._cards = CardRail(shared) if _serves_cards(self._settings) else None
                self._mass = MassRail(shared) if self._settings.has_rail(Asset.ITD) else None
                await self._stop.give_up(_wait_for_database(shared))
                if not self._stop.name:
                    async with sealing(self._sealer(shared, seals)), self._pulsing(shared):
                        await self._serve_all()

    @asynccontextmanager
    async def _pulsing(self, shared: Shared) -> AsyncIterator[None]:
        """Tells the admins' desk how this worker is, while the block runs."""

        async def parts() -> dict[str, str]:
            return self._health.noted()

        store, name = shared.core.store, shared.folder.identity
        pulsing = asyncio.create_task(beat_for_ever(store, "worker", name, parts, self._health.ages))
        try:
            yield
        finally:
            pulsing.cancel()

    async def _serve_all(self) -> None:
        """Every rail until the order to stop. Whatever must not be on one of them ends them all."""
        served = [asyncio.create_task(chain.run(self._chains)) for chain in self._chains]
        others = [rail for rail in (self._cards, self._mass) if rail is not None]
        served += [asyncio.create_task(rail.run()) for rail in others]
        try:
            await asyncio.gather(*served)
        finally:
            for task in served:
                task.cancel()
            await asyncio.gather(*served, return_exceptions=True)

    def _sealer(self, shared: Shared, seals: Seals) -> Sealer:
        core, folder, settings = shared.core, shared.folder, self._settings
        keeper = LeaseKeeper(core.ledger, core.store, SEAL_LEASE, folder.identity, settings.lease_seconds)
        head = HeadFile(folder.folder)
        return Sealer(seals, core.store, keeper, head, self._stop, settings.seal_seconds, self._health)


async def _wait_for_database(shared: Shared) -> None:
    async def laid_out() -> None:
        await shared.core.store.now()
        if not await shared.core.store.count(Rail, {}):
            raise Unavailable("the database is not laid out yet: run `wallet migrate`")

    with shared.health.loop("start") as came_round:
        await shared.patiently("mongodb", laid_out, came_round)
