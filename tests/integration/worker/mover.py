"""Deposits that move in a world that the tests of a file share; each has its own person, addresses and sweeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from tests.faults.world import ITD, World
from tests.integration.worker.buyer import Buyer, Shared
from tests.integration.worker.inside import Inside
from tests.support.deposits import credited
from wallet_core.bootstrap import chains_to_verify
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Attempt, Batch
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.verify_books import verify_books

#: A quarter of a coin, and an odd one.
PART = {Asset.BTC: 25_000_003, Asset.LTC: 25_000_003, Asset.ETH: 25 * 10**16 + 3}
_GWEI = 10**9


@dataclass
class Mover:
    """A worker with settings of its own, and what it has moved since its test began."""

    buyer: Buyer
    #: The batches of earlier tests.
    earlier: tuple[str, ...]

    @classmethod
    async def begin(cls, shared: Shared, settings: dict[str, str]) -> Mover:
        """A worker that sweeps at every look, unless the settings say otherwise, for somebody with 1,000 ITD."""
        world = shared.inside.world
        own = {"SWEEP_TO": "hot", "SWEEP_INTERVAL_SECONDS": "0.001", "BUMP_AFTER_SECONDS": "1"}
        named = {f"{world.asset}_{name}": value for name, value in (own | settings).items()}
        buyer = await Buyer.enrolled(shared)
        buyer.shared = replace(shared, _inside=await shared.inside.started_again(**named))
        # Money that came from nowhere near the chain.
        issued = (debit(Account(Asset.ITD, "trading"), 1_000 * ITD), credit(available(buyer.person), 1_000 * ITD))
        await world.ports.ledger.post(Posting(f"test:{new_id()}", "issued", "test", entries=issued))
        if world.asset is Asset.ETH:
            await world.node.call("anvil_setNextBlockBaseFeePerGas", hex(_GWEI))
            await world.chain.mine()
        earlier = await world.batches()
        return cls(buyer, tuple(batch.id for batch in earlier))

    @property
    def inside(self) -> Inside:
        """The worker."""
        return self.buyer.inside

    @property
    def world(self) -> World:
        """The world that it is in."""
        return self.buyer.world

    @property
    def cold(self) -> str:
        """The cold wallet."""
        return self.inside.ports.settings.sweep(self.asset).cold_address

    @property
    def asset(self) -> Asset:
        """The coin."""
        return self.world.asset

    async def deposit(self, coin_minor: int, blocks: int | None = None) -> Invoice:
        """A credited deposit at an address of its own."""
        index = await self.world.ports.store.count(Invoice, {})
        if self.asset is not Asset.ETH:
            await self.inside.ports.node.watch(self.world.ports.addresses[self.asset].deposit(index))
        return await credited(self.world, index, coin_minor, blocks=blocks, person=self.buyer.person)

    async def deposits(self, count: int) -> list[Invoice]:
        """So many, each one minor unit larger than the one before."""
        return [await self.deposit(PART[self.asset] + extra) for extra in range(count)]

    async def batches(self) -> list[Batch]:
        """All batches since the test began."""
        return [batch for batch in await self.world.batches() if batch.id not in self.earlier]

    async def sweeps(self) -> list[Batch]:
        """And of those the sweeps."""
        return [batch for batch in await self.batches() if batch.sweep]

    async def attempts(self) -> list[Attempt]:
        """The attempts of the batches."""
        batches = tuple(batch.id for batch in await self.batches())
        return await self.inside.ports.store.find(
            Attempt, {"batch": batches}, order_by=("batch", "number"), limit=1_000
        )

    async def gaps(self) -> list[str]:
        """Of the books, and between the books and the chain."""
        async with chains_to_verify(self.inside.ports.settings) as chains:
            return (await verify_books(self.world.ports, chains)).gaps

    async def until_final(self) -> None:
        """Passes after blocks, until what was broadcast is final."""
        for _ in range(self.world.final_depth + 2):
            await self.inside.pay(blocks=1)

    async def pass_over(self) -> None:
        """A block comes without it, and it was sent an hour ago."""
        await self.world.chain.mine_empty()
        earlier = [{"$set": {"broadcast_at": {"$subtract": ["$broadcast_at", 3_600_000]}}}]
        ours = {"_id": {"$in": [attempt.id for attempt in await self.attempts()]}}
        await self.world.database["attempts"].update_many(ours, earlier)
        await self.inside.pay()

    async def ends(self) -> None:
        """Nothing is under way any more, and no later worker sweeps what was left."""
        await self.world.set_rail(alarm=None)
        while any(batch.state in BATCHES_IN_FLIGHT for batch in await self.batches()):
            await self.inside.pay(blocks=self.world.final_depth + 1)
        left = {"$set": {"sweep": "left"}}
        ours = {"person": self.buyer.person, "sweep": None}
        for collection in ("payments", "invoices"):
            await self.world.database[collection].update_many(ours, left)


@asynccontextmanager
async def moving(shared: Shared, settings: dict[str, str]) -> AsyncIterator[Mover]:
    """A worker for one test."""
    mover = await Mover.begin(shared, settings)
    async with mover.inside.alive():
        yield mover
        await mover.ends()
