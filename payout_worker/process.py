"""The worker's process: waits for what it needs, refuses what it must not touch, and leaves in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import structlog
from pydantic import ValidationError

from payout_worker import failpoints
from payout_worker.head_file import HeadFile
from payout_worker.health import Health, serving
from payout_worker.lease import LeaseKeeper
from payout_worker.leaving import STOPPED, Units, load_units, save_units
from payout_worker.logs import log_json
from payout_worker.ports import WorkerPorts
from payout_worker.ready_node import WrongChainError, check_chain, ready
from payout_worker.schedule import schedule_of
from payout_worker.sealer import Sealer, sealing
from payout_worker.signals import Stop
from payout_worker.state_file import StateFolder
from payout_worker.steps.sign_batch import open_signer
from payout_worker.worker import Worker
from wallet_core.adapters.chains.ethereum_node import EthereumNode
from wallet_core.bootstrap import open_worker
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.lease import SEAL_LEASE, lease_id
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import MarkRail, Rail
from wallet_core.ports import Ports, Seals
from wallet_core.settings import Process, Settings

log = structlog.get_logger(__name__)

FAILED: Final = 1
MUST_NOT_START: Final = 2
_ASSET: Final = Asset.ETH
_WAIT_SECONDS: Final = 1.0
#: A step that is under way at a signal has so long to end; then it is abandoned, which is always safe.
_GRACE_SECONDS: Final = 2.5

T = TypeVar("T")


class _MustNotStartError(Exception):
    """Something is set up in a way that an operator has to mend first."""


def run(stop: Stop) -> int:
    """The whole life of the process; returns its exit code."""
    try:
        settings = Settings()
        log_json(settings.log_level)
        _refuse_unsafe(settings)
        return asyncio.run(_Process(settings, stop).run())
    except (_MustNotStartError, WrongChainError, ValidationError, FileNotFoundError, InvariantViolated) as error:
        log.critical("must_not_start", error=str(error))
        return MUST_NOT_START
    except BlockingIOError:
        log.critical("must_not_start", error="another worker has this WORKER_STATE_DIR")
        return MUST_NOT_START


def _refuse_unsafe(settings: Settings) -> None:
    findings = settings.unsafe_in_production(Process.WORKER)
    if findings:
        raise _MustNotStartError("; ".join(findings))
    failpoints.refuse_in_production(settings)


class _Process:
    """One start of the worker, from its state folder to its last state file."""

    def __init__(self, settings: Settings, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        self._health = Health()
        self._worker: Worker | None = None

    async def run(self) -> int:
        with StateFolder(self._settings.worker_state_dir) as folder:
            units = load_units(folder.folder)
            work = asyncio.create_task(self._work(folder, units))
            await self._until_stopped(work, units)
        return STOPPED

    async def _until_stopped(self, work: asyncio.Task[None], units: Units) -> None:
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if self._worker is not None:
            self._worker.wake()
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
            rail = await self._patiently("mongodb", lambda: _rail(core))
            async with sealing(self._sealer(core, seals, folder)), _open_node(self._settings) as node:
                await self._patiently("node", lambda: _adopt_chain(core, node, self._settings))
                gated = ready(node, rail.seen_height)
                signer = open_signer(self._settings, folder.folder, gated)
                await self._serve(failpoints.armed(WorkerPorts.of(core, _ASSET, gated, signer)), folder, units)

    def _sealer(self, core: Ports, seals: Seals, folder: StateFolder) -> Sealer:
        keeper = LeaseKeeper(core.ledger, core.store, SEAL_LEASE, folder.identity, self._settings.lease_seconds)
        return Sealer(seals, core.store, keeper, HeadFile(folder.folder), self._stop, self._settings.seal_seconds)

    async def _serve(self, ports: WorkerPorts, folder: StateFolder, units: Units) -> None:
        lease = lease_id(_ASSET, self._settings.eth_chain_id, ports.signer.address)
        keeper = LeaseKeeper(ports.ledger, ports.store, lease, folder.identity, self._settings.lease_seconds)
        self._worker = Worker(ports, keeper, units, self._stop, self._health)
        scheduler = schedule_of(self._worker, self._settings)
        scheduler.start()
        log.info("started", lease=lease, holder=folder.identity, state_dir=str(folder.folder))
        try:
            await self._worker.run()
        finally:
            scheduler.shutdown(wait=False)

    async def _patiently(self, what: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks until there is an answer: a server that is away for a minute is no reason to crash in a loop."""
        while True:
            try:
                return await ask()
            except Unavailable as error:
                self._health.waits_for = what
                log.warning(f"waiting_for_{what}", error=str(error))
                await asyncio.sleep(_WAIT_SECONDS)


@asynccontextmanager
async def _open_node(settings: Settings) -> AsyncIterator[EthereumNode]:
    node = EthereumNode(settings.eth_rpc_url)
    try:
        yield node
    finally:
        await node.close()


async def _rail(core: Ports) -> Rail:
    await core.store.now()
    rail = await core.store.get(Rail, _ASSET)
    if rail is None:
        raise Unavailable("the database is not laid out yet: run `wallet migrate`")
    return rail


async def _adopt_chain(core: Ports, node: EthereumNode, settings: Settings) -> None:
    """The first start notes the chain's genesis, every later one insists on it."""
    rail = await _rail(core)
    identity = await check_chain(node, settings.eth_chain_id, rail.genesis)
    if rail.genesis is not None:
        return
    mark = MarkRail(_ASSET, "genesis", identity.genesis)
    try:
        facts = {"genesis": identity.genesis}
        await core.ledger.post(Posting(f"genesis:{_ASSET}", "genesis_noted", "worker", changes=(mark,), facts=facts))
    except Refused as refused:
        if refused.reason is not Reason.CHANGED_MEANWHILE:
            raise
