"""One chain's life in the process: its node is found and checked, its signer opened, then its worker runs.

Nothing here waits for another chain, but for the first look at each node: one that follows a wrong network must be
found before anything is begun on any of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar, cast

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from payout_worker import failpoints
from payout_worker.chains import adopt_chain, check_node, open_node
from payout_worker.health import Health
from payout_worker.key_gate import KeyGate
from payout_worker.lease import LeaseKeeper
from payout_worker.leaving import Units
from payout_worker.payouts import Payouts
from payout_worker.ports import CoinNode, Node, NonceNode, WorkerPorts
from payout_worker.purchases import Purchases
from payout_worker.ready_node import ready
from payout_worker.schedule import trigger
from payout_worker.share import Share
from payout_worker.signals import Stop
from payout_worker.state_file import StateFolder
from payout_worker.steps.sign_batch import open_signer
from payout_worker.worker import Served, Worker
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.lease import lease_id
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports

log = structlog.get_logger(__name__)

_WAIT_SECONDS: Final = 1.0
#: A node that gives no answer for so long keeps the other chains waiting no more.
_FIRST_LOOK_SECONDS: Final = 3.0

T = TypeVar("T")


@dataclass(frozen=True)
class Shared:
    """What the rails of one process share."""

    core: Ports
    folder: StateFolder
    units: Units
    stop: Stop
    health: Health
    scheduler: AsyncIOScheduler
    share: Share

    async def patiently(
        self, what: str, ask: Callable[[], Coroutine[Any, Any, T]], came_round: Callable[[], None]
    ) -> T:
        """Asks until there is an answer: a server that is away for a minute is no reason to crash in a loop."""
        while True:
            try:
                return await _answer(ask(), came_round)
            except Unavailable as error:
                log.warning(f"waiting_for_{what}", error=str(error))
                await asyncio.sleep(_WAIT_SECONDS)


class ServedRail:
    """One chain that this process serves."""

    def __init__(self, asset: Asset, shared: Shared) -> None:
        self.asset = asset
        self._shared = shared
        shared.health.note_lease(asset, "the node has to be checked first")
        self._worker: Worker | None = None
        #: Its node was asked for the first time, and is none of a wrong chain.
        self.looked = asyncio.Event()

    def wake(self) -> None:
        """Makes its units look at once, also at the order to stop."""
        if self._worker is not None:
            self._worker.wake()

    async def run(self, rails: Sequence[ServedRail]) -> None:
        """Serves the chain until the order to stop. Raises ``WrongChainError``, ``InvariantViolated``, ``OSError``."""
        shared = self._shared
        with structlog.contextvars.bound_contextvars(asset=self.asset):
            async with open_node(shared.core.settings, self.asset) as node:
                ports = await shared.stop.give_up(self._prepare(node, rails))
                if ports is not None:
                    await self._serve(failpoints.armed(ports))

    async def _prepare(self, node: NonceNode | CoinNode, rails: Sequence[ServedRail]) -> WorkerPorts:
        core, patiently, health = self._shared.core, self._shared.patiently, self._shared.health
        with health.loop(self.asset) as came_round:
            health.ask_node(self.asset, lambda: self._is_well(node))
            rail = await patiently("node", lambda: self._adopt(node), came_round)
            await _all_looked(rails)
            gated = ready(node, rail.seen_height)
            health.ask_node(self.asset, lambda: self._is_well(gated))
            opened = partial(open_signer, core.settings, self.asset, self._shared.folder.folder, gated)
            signer = await patiently("node", opened, came_round)
            if self.asset is not Asset.ETH:
                await patiently("node", lambda: cast(CoinNode, gated).watch(signer.address), came_round)
        return WorkerPorts.of(core, self.asset, gated, signer)

    async def _adopt(self, node: Node) -> Rail:
        try:
            rail = await adopt_chain(self._shared.core, node, self.asset)
        except Unavailable:
            self.looked.set()
            raise
        self.looked.set()
        return rail

    async def _is_well(self, node: Node) -> None:
        """Raises what keeps the node from being relied on."""
        await check_node(self._shared.core, node, self.asset)
        await node.heights()

    async def _could_serve(self, ports: WorkerPorts) -> None:
        """Raises unless the node has all that the node of the lease's holder has shown to it."""
        await check_node(ports.core, ports.node, self.asset)
        heights, rail = await ports.node.heights(), await ports.store.get(Rail, self.asset)
        if rail is None or heights.latest < rail.seen_height:
            raise Unavailable(f"the node is at block {heights.latest} and another worker's is further")

    async def _serve(self, ports: WorkerPorts) -> None:
        shared, settings = self._shared, ports.settings
        lease = lease_id(self.asset, settings.networks[self.asset], ports.signer.address)
        keeper = LeaseKeeper(ports.ledger, ports.store, lease, shared.folder.identity, settings.lease_seconds)
        payout, purchase = (unit.rail(self.asset) for unit in shared.units)
        payouts = Payouts(ports, payout, shared.stop, KeyGate(ports))
        units = [Served(payout, payouts.run_pass)]
        # Keys that are older than a chain have no deposit addresses on it: there the worker only pays.
        if self.asset in ports.core.addresses:
            units.append(Served(purchase, Purchases(ports, purchase, shared.stop).run_pass))
        check = partial(check_node, ports.core, ports.node, self.asset)
        self._worker = Worker(
            self.asset,
            units,
            check=check,
            keeper=keeper,
            stop=shared.stop,
            health=shared.health,
            share=shared.share,
            could_serve=partial(self._could_serve, ports),
            form=payouts.form_soon,
        )
        log.info("started", lease=lease, holder=shared.folder.identity, state_dir=str(shared.folder.folder))
        with trigger(shared.scheduler, self._worker, settings):
            await self._worker.run()


async def _answer(question: Coroutine[Any, Any, T], came_round: Callable[[], None]) -> T:
    """The answer of a server that may take its time: a node looks through all of its past for a new address."""
    asked = asyncio.create_task(question)
    try:
        while not asked.done():
            came_round()
            await asyncio.wait({asked}, timeout=_WAIT_SECONDS)
        return asked.result()
    finally:
        asked.cancel()


async def _all_looked(rails: Sequence[ServedRail]) -> None:
    waiting = [asyncio.create_task(rail.looked.wait()) for rail in rails]
    try:
        await asyncio.wait(waiting, timeout=_FIRST_LOOK_SECONDS)
    finally:
        for task in waiting:
            task.cancel()
