"""A worker inside the test's own process, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from payout_worker.chains import open_node
from payout_worker.failpoints import OnPoint, watched
from payout_worker.lease import LeaseKeeper, Taken
from payout_worker.leaving import Units, load_units
from payout_worker.payouts import Payouts
from payout_worker.ports import WorkerPorts
from payout_worker.purchases import Purchases
from payout_worker.ready_node import ready
from payout_worker.signals import Stop
from payout_worker.state_file import StateFolder
from payout_worker.steps.sign_batch import open_signer
from payout_worker.tenure import Tenure
from tests.faults.environment import settings_of
from tests.faults.world import World
from wallet_core.adapters.rates import HttpRates
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.lease import lease_id
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, Withdrawal
from wallet_core.domain.purchase import Invoice, Rail


@dataclass
class Inside:
    """The ports of a worker that holds the lease, and its two units."""

    world: World
    ports: WorkerPorts
    keeper: LeaseKeeper
    taken: Taken
    folder: Path
    units: Units
    payouts: Payouts
    purchases: Purchases

    @classmethod
    async def begin(cls, world: World, ports: WorkerPorts, keeper: LeaseKeeper, folder: Path) -> Inside:
        """A process that takes the lease, and knows what the state files have."""
        taken = await keeper.take()
        assert taken is not None
        units, stop = load_units(folder), Stop()
        payout, purchase = (unit.rail(world.asset) for unit in units)
        for items in (payout, purchase):
            items.begin(taken)
        payouts, purchases = Payouts(ports, payout, stop), Purchases(ports, purchase, stop)
        return cls(world, ports, keeper, taken, folder, units, payouts, purchases)

    async def started_again(self, **more: str) -> Inside:
        """The next process after one that was killed, with ``more`` settings: what was in memory alone is gone."""
        ports = self.ports
        if more:
            settings = settings_of({**self.world.environment, **more})
            ports = replace(ports, core=replace(ports.core, settings=settings), settings=settings)
        return await self.begin(self.world, ports, self.keeper, self.folder)

    @property
    def tenure(self) -> Tenure:
        """The lease that it holds."""
        return self.taken.tenure

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Its heart beats as long as the block runs."""

        async def beat() -> None:
            held = True
            while held:
                held = await self.keeper.beat(self.tenure)
                await asyncio.sleep(0.5)

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()

    async def pay(self, *, blocks: int = 0) -> None:
        """Mines, then one pass of the Payout unit."""
        await self._mine(blocks)
        self.payouts.form_soon()
        await self.payouts.run_pass(self.tenure)

    async def look(self, *, blocks: int = 0) -> None:
        """Mines, then one pass of the Purchase unit."""
        await self._mine(blocks)
        await self.purchases.run_pass(self.tenure)

    def price(self, usd: int | None) -> None:
        """A coin costs so many dollars from now on, or has no price; nobody has an answer of before any more."""
        self.world.ticker.price_usd = usd
        assert isinstance(self.world.ports.rates, HttpRates)
        self.world.ports.rates._latest.clear()

    async def _mine(self, blocks: int) -> None:
        if blocks:
            await self.world.chain.mine(blocks)

    async def withdrawal(self, withdrawal: Withdrawal) -> Withdrawal:
        """The withdrawal as it is now."""
        found = await self.ports.store.get(Withdrawal, withdrawal.id)
        assert found is not None
        return found

    async def invoice(self, invoice: Invoice) -> Invoice:
        """The invoice as it is now."""
        found = await self.ports.store.get(Invoice, invoice.id)
        assert found is not None
        return found

    async def batches(self) -> list[Batch]:
        """All batches by nonce."""
        return await self.ports.store.find(Batch, {}, order_by=("nonce", "created_at"), limit=1_000)

    async def rail(self) -> Rail:
        """The rail as it is now."""
        return await self.world.rail()

    async def told(self, template: str) -> list[OutboxMessage]:
        """The messages of a template, in the order in which people were told."""
        return await self.ports.store.find(OutboxMessage, {"template": template}, order_by=("at", "order"), limit=500)

    async def steps_told(self, template: str = "withdrawal") -> list[str]:
        """What people were shown, step by step."""
        return [message.facts["step"] for message in await self.told(template)]


@asynccontextmanager
async def open_inside(
    world: World, name: str = "inside", on_point: OnPoint = lambda _point: None
) -> AsyncIterator[Inside]:
    """Takes the lease, as a worker with a state folder of this name; ``on_point`` hears of every failpoint."""
    settings, asset = world.ports.settings, world.asset
    with StateFolder(world.folder / name) as folder:
        async with open_node(settings, asset) as node:
            gated = ready(node, 0)
            signer = await open_signer(settings, asset, folder.folder, gated)
            if asset is not Asset.ETH:
                await gated.watch(signer.address)
            ports = watched(WorkerPorts.of(world.ports, asset, gated, signer), on_point)
            lease = lease_id(asset, settings.networks[asset], signer.address)
            keeper = LeaseKeeper(ports.ledger, ports.store, lease, folder.identity, 4)
            yield await Inside.begin(world, ports, keeper, folder.folder)
