"""Wallets with a queue of payouts: who waits in it, and the Payout unit that empties it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from tests.benchmarks.bench import Bench
from tests.benchmarks.load import new_key, post_all
from tests.faults.chains import Chain
from tests.faults.world import ITD, RATE_MINOR, World, open_world
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.domain.changes import Insert
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.kyc import BUILT_IN_LEVELS, Operation, TakeLimit, day_of
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import purchase_credited, withdrawal_held
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Attempt, AttemptKind, Batch, PayoutState, Withdrawal
from wallet_core.domain.quote import coins_out

_AT_ONCE: Final = 2_000
_FIRST_PERSON: Final = 10_000
AMOUNT_MINOR: Final = ITD
_FEE_MINOR: Final = ITD // 2
#: Of a quarter of a coin each; a payout is worth 0.0004.
_COINS: Final = 200
#: As the product's own mongod has it.
_TRANSACTION_SECONDS: Final = 10
_MOST_PASSES: Final = 20_000
_LOOKS_EVERY_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Emptied:
    """What it took to empty a queue: the unit's own time, without that of mining, and what went into the chain."""

    payouts: int
    seconds: float
    #: Of the worker's process alone, which a busy machine changes less than the time.
    cpu_seconds: float
    #: Virtual bytes on chains of coins, gas on Ethereum.
    weight: int
    #: For so long nothing else in the process had a turn, at most.
    longest_stall_seconds: float


@dataclass(slots=True)
class Queue:
    """A wallet on a chain of its own, and a worker inside this process."""

    world: World
    folder: Path
    people: int = _FIRST_PERSON

    async def fill(self, count: int, addresses: Sequence[str] = ()) -> None:
        """So many people buy, and withdraw all of it to an address that nobody has used, or to those given."""
        for start in range(0, count, _AT_ONCE):
            size = min(_AT_ONCE, count - start)
            to = addresses[start : start + size] or [self.world.chain.fresh_address() for _ in range(size)]
            withdrawals = await self._withdrawals(to)
            await post_all(self.world.ports.ledger, [_requested(withdrawal) for withdrawal in withdrawals])

    async def _withdrawals(self, addresses: Sequence[str]) -> list[Withdrawal]:
        now, ports = await self.world.ports.store.now(), self.world.ports
        first, self.people = self.people, self.people + len(addresses)
        plain = [
            Withdrawal(
                id=secrets.token_hex(8),
                person=person,
                state=PayoutState.QUEUED,
                asset=self.world.asset,
                address=address,
                amount_minor=AMOUNT_MINOR,
                fee_minor=_FEE_MINOR,
                coin_minor=coins_out(AMOUNT_MINOR, RATE_MINOR, self.world.asset),
                rate_minor=RATE_MINOR,
                quoted_until=now + timedelta(hours=6),
                mac="",
                decision={},
                limit_day=day_of(now),
            )
            for person, address in enumerate(addresses, first)
        ]
        return [one.model_copy(update={"mac": ports.vault.mac(one.terms())}) for one in plain]

    async def empty(self, inside: Inside) -> Emptied:
        """Passes of the Payout unit, and a block after each, until everything is settled.

        Raises ``LookupError`` when a payout came to another end: what is measured on wrong books means nothing.
        """
        store, asset = self.world.ports.store, self.world.asset
        queued = await store.count(Withdrawal, {"asset": asset, "state": PayoutState.QUEUED})
        earlier = {batch.id for batch in await self._batches()}
        inside.payouts.form_soon()
        seconds, cpu_seconds, stall = 0.0, 0.0, 0.0
        for _ in range(_MOST_PASSES):
            async with _watched_for_stalls() as stalls:
                start, cpu_start = time.perf_counter(), time.process_time()
                await inside.payouts.run_pass(inside.tenure)
                seconds += time.perf_counter() - start
                cpu_seconds += time.process_time() - cpu_start
            stall = max(stall, *stalls)
            if not await self._is_pending():
                break
            await self.world.chain.mine()
        ended = [batch for batch in await self._batches() if batch.id not in earlier]
        settled = await store.count(Withdrawal, {"batch": tuple(b.id for b in ended), "state": PayoutState.SETTLED})
        if settled != queued:
            raise LookupError(f"of {queued:,} queued {asset} payouts {settled:,} were settled")
        return Emptied(queued, seconds, cpu_seconds, sum([await self._weight(batch) for batch in ended]), stall)

    async def _is_pending(self) -> bool:
        pending = {"state": (PayoutState.QUEUED, PayoutState.BATCHED)}
        store = self.world.ports.store
        return bool(await store.count(Withdrawal, pending) or await store.count(Batch, {"state": BATCHES_IN_FLIGHT}))

    async def _batches(self) -> list[Batch]:
        return await self.world.ports.store.find(Batch, {"asset": self.world.asset}, limit=100_000)

    async def _weight(self, batch: Batch) -> int:
        node = self.world.node
        if self.world.asset is Asset.ETH:
            return int((await node.call("eth_getTransactionReceipt", batch.txid))["gasUsed"], 16)
        (paid,) = await self.world.ports.store.find(Attempt, {"batch": batch.id, "kind": AttemptKind.PAYMENT})
        return int((await node.call("decoderawtransaction", paid.raw.hex()))["vsize"])


def _requested(withdrawal: Withdrawal) -> Posting:
    """What the bot posts of somebody's purchase and withdrawal, in one."""
    person, total_minor = withdrawal.person, withdrawal.total_minor
    coin_minor = coins_out(total_minor, RATE_MINOR, withdrawal.asset)
    bought = purchase_credited(
        person, withdrawal.asset, coin_minor=coin_minor, itd_minor=total_minor, fee_minor=0, rate_minor=RATE_MINOR
    )
    return Posting(
        new_key("bench"),
        "withdrawal",
        "bench",
        entries=(*bought, *withdrawal_held(person, total_minor)),
        changes=(
            ChangeGuards(person, lambda guards, _: guards.with_(secret=b"sealed", level=3)),
            TakeLimit(person, Operation.PAYOUT, withdrawal.amount_minor, withdrawal.limit_day, BUILT_IN_LEVELS),
            Insert(withdrawal, stamp="created_at"),
        ),
        people=(person,),
    )


@asynccontextmanager
async def _watched_for_stalls() -> AsyncIterator[list[float]]:
    """How late somebody was who wanted a turn every hundredth of a second, for as long as the block runs."""
    stalls = [0.0]

    async def look() -> None:
        while True:
            asleep = time.perf_counter()
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)
            stalls.append(time.perf_counter() - asleep - _LOOKS_EVERY_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield stalls
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


@asynccontextmanager
async def open_queue(bench: Bench, chain: Chain, folder: Path, name: str, **settings: str) -> AsyncIterator[Queue]:
    """An empty queue in a database of its own, and a hot wallet that can pay many."""
    await asyncio.to_thread(folder.mkdir)
    # Queues on one chain share its node.
    own = {} if chain.asset is Asset.ETH else {f"{chain.asset}_RPC_WALLET": name}
    async with (
        bench.database(f"{name}_{chain.asset}") as database,
        open_world(bench.uri, database.name, chain, folder, **own, **settings) as world,
    ):
        # Worlds to kill workers in give up a killed one's locks sooner, and have no large batches.
        await world.database.client.admin.command(
            "setParameter", 1, transactionLifetimeLimitSeconds=_TRANSACTION_SECONDS
        )
        await world.fund(**({} if chain.asset is Asset.ETH else {"coins": _COINS}))
        yield Queue(world, folder)


@dataclass(slots=True)
class Payer:
    """A queue, and the worker inside this process that empties it."""

    queue: Queue
    inside: Inside

    @classmethod
    @asynccontextmanager
    async def opened(cls, bench: Bench, chain: Chain, folder: Path, name: str, **settings: str) -> AsyncIterator[Self]:
        """As ``open_queue``, with a worker whose heart beats."""
        async with (
            open_queue(bench, chain, folder, name, **settings) as queue,
            open_inside(queue.world) as inside,
            inside.alive(),
        ):
            yield cls(queue, inside)

    async def pay(self, count: int, addresses: Sequence[str] = ()) -> Emptied:
        """Fills the queue, which is not measured, and empties it."""
        await self.queue.fill(count, addresses)
        return await self.queue.empty(self.inside)
