"""Wallets that watch one chain side by side, each with a database, open invoices and a worker of its own.

They share the node, so each of them sees the same blocks.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final, Self

from tests.benchmarks.bench import Bench
from tests.benchmarks.load import post_all
from tests.benchmarks.meters import RpcMeter, database_commands
from tests.faults.chains import Chain
from tests.faults.coin_chain import CoinChain
from tests.faults.plays import until
from tests.faults.world import FINAL_DEPTH, PERSON, World, open_world
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.domain.changes import Insert
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.kyc import BUILT_IN_LEVELS, Operation, TakeLimit
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Invoice, InvoiceState

_AT_ONCE: Final = 1_000
_MOST_PASSES: Final = 500
_PATIENCE_SECONDS: Final = 120.0
#: Each person has one invoice, so nobody comes to a limit.
_FIRST_PERSON: Final = 1_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What some passes took: calls of the node, commands of the database, seconds."""

    rpc_calls: int = 0
    database_calls: int = 0
    seconds: float = 0.0

    def __add__(self, other: Self) -> Self:
        return replace(
            self,
            rpc_calls=self.rpc_calls + other.rpc_calls,
            database_calls=self.database_calls + other.database_calls,
            seconds=self.seconds + other.seconds,
        )


@dataclass(slots=True)
class Watcher:
    """A wallet with ``size`` open invoices; ``invoices`` are all that it ever had, by index."""

    size: int
    inside: Inside
    meter: RpcMeter
    invoices: list[Invoice]
    #: The index of the next one to be paid.
    to_be_paid: int = 0

    async def look(self) -> Cost:
        """One pass of the purchase unit, and what it took."""
        database = self.inside.world.database
        calls, commands = self.meter.called.total(), await database_commands(database)
        start = time.perf_counter()
        await self.inside.look()
        seconds = time.perf_counter() - start
        calls = self.meter.called.total() - calls
        return Cost(calls, await database_commands(database) - commands, seconds)

    async def catch_up(self) -> Cost:
        """Passes until the unit has taken in the newest block."""
        cost, height = Cost(), await self.inside.world.chain.height()
        for _ in range(_MOST_PASSES):
            if (await self.inside.rail()).scanned_height >= height:
                return cost
            cost += await self.look()
        raise LookupError(f"block {height} was not taken in after {_MOST_PASSES} passes")

    async def fill_up(self) -> None:
        """Issues invoices until as many as promised are open, each with the next address, to somebody new."""
        world = self.inside.world
        missing = self.size - await world.ports.store.count(Invoice, {"state": InvoiceState.OPEN})
        first = len(self.invoices)
        await world.set_rail(next_index=first + missing)
        await self.inside.look()
        addresses = world.ports.addresses[world.asset]
        new = [
            self.invoices[0].model_copy(
                update={
                    "id": secrets.token_hex(8),
                    "person": _FIRST_PERSON + index,
                    "address": addresses.deposit(index),
                    "index": index,
                }
            )
            for index in range(first, first + missing)
        ]
        for start in range(0, missing, _AT_ONCE):
            await post_all(world.ports.ledger, [_issued(invoice) for invoice in new[start : start + _AT_ONCE]])
        self.invoices += new
        await self.catch_up()

    def next_paid(self, count: int) -> list[Invoice]:
        """The next invoices that nobody has paid yet."""
        first, self.to_be_paid = self.to_be_paid, self.to_be_paid + count
        return self.invoices[first : self.to_be_paid]


def _issued(invoice: Invoice) -> Posting:
    """What the bot posts of a new customer's first order."""
    enrolled = ChangeGuards(invoice.person, lambda guards, _: guards.with_(secret=b"sealed", level=3))
    taken = TakeLimit(invoice.person, Operation.PURCHASE, invoice.amount_minor, invoice.limit_day, BUILT_IN_LEVELS)
    return Posting(f"bench:{invoice.id}", "invoice", "bench", changes=(enrolled, taken, Insert(invoice)))


async def pay(chain: Chain, invoices: Sequence[Invoice]) -> None:
    """Somebody pays each of them exactly; it waits for a block."""
    if not isinstance(chain, CoinChain):
        for invoice in invoices:
            await chain.pay(invoice.address, invoice.coin_minor)
        return
    amounts = {invoice.address: f"{Decimal(invoice.coin_minor).scaleb(-8):f}" for invoice in invoices}
    keeper, wallet = chain.keeper, "faucet"
    txid = await keeper.call("sendmany", "", amounts, wallet=wallet)
    await keeper.call("sendrawtransaction", (await keeper.call("gettransaction", txid, wallet=wallet))["hex"])


async def most_mebibytes(watcher: Watcher, blocks: int) -> float:
    """The most memory that a worker process of this wallet had while so many blocks came. It takes the lease over."""
    world = watcher.inside.world
    process = world.start_worker()
    for _ in range(blocks):
        height = await world.chain.mine()
        if not await until(partial(_has_taken_in, world, height), _PATIENCE_SECONDS):
            raise LookupError(f"the worker did not take in block {height}: see {world.log_of()[-3:]}")
    mebibytes = await asyncio.to_thread(_peak_mebibytes, process.pid)
    await world.stop_worker(process)
    return mebibytes


async def _has_taken_in(world: World, height: int) -> bool:
    return (await world.rail()).scanned_height >= height


def _peak_mebibytes(pid: int) -> float:
    """``VmHWM`` of proc(5), which is in KiB."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@asynccontextmanager
async def watchers(bench: Bench, chain: Chain, folder: Path) -> AsyncIterator[list[Watcher]]:
    """One of each size of the plan."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(_watcher(bench, chain, folder, size)) for size in bench.plan.invoices]


@asynccontextmanager
async def _watcher(bench: Bench, chain: Chain, folder: Path, size: int) -> AsyncIterator[Watcher]:
    own = folder / f"{chain.asset}-{size}"
    own.mkdir()
    async with RpcMeter(chain.url) as meter, bench.database(f"watching_{chain.asset}_{size}") as database:
        settings = chain.environment(meter.url, FINAL_DEPTH)
        if chain.asset is not Asset.ETH:
            settings[f"{chain.asset}_RPC_WALLET"] = f"watching-{size}"
        async with (
            open_world(bench.uri, database.name, chain, own, **settings) as world,
            open_inside(world) as inside,
        ):
            await inside.look()
            await world.person(0)
            await world.set_rail(next_index=1)
            watcher = Watcher(size, inside, meter, [await world.invoice(0, person=PERSON)])
            bench.say(f"{chain.asset}: {size:,} open invoices")
            await watcher.fill_up()
            yield watcher
