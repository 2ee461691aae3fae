"""Movements a second through the product's own ledger port, against one MongoDB transaction each, same writes."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient

from wallet_core.adapters.mongo import migrations
from wallet_core.adapters.mongo.ledger import MongoLedger
from wallet_core.domain.ledger import Account, Posting, available, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import sent

ACCOUNTS = 1_000
AT_ONCE = 1_024
NAIVE_TASKS = (1, 8, 32)
ROUNDS = 3
SECONDS_EACH = 2.5
_keys = itertools.count()


@dataclass(frozen=True, slots=True)
class Rate:
    """Movements a second, and how long one took: median and 99th percentile in milliseconds."""

    a_second: float
    p50_ms: float
    p99_ms: float


Pairs = Iterator[tuple[int, int]]


def uniform(chance: random.Random) -> Pairs:
    """Anybody to anybody."""
    while True:
        yield tuple(chance.sample(range(ACCOUNTS), 2))  # type: ignore[misc]


def hot(chance: random.Random) -> Pairs:
    """Everybody to one account."""
    while True:
        yield chance.randrange(1, ACCOUNTS), 0


async def _fund(ledger: MongoLedger) -> None:
    amount_minor = 10**15
    for person in range(ACCOUNTS):
        entries = (debit(Account(Asset.ITD, "trading"), amount_minor), credit(available(person), amount_minor))
        await ledger.post(Posting(f"fund:{person}", "fund", "bench", entries=entries))


async def _measure(ledgers: list[MongoLedger], pairs: Pairs) -> Rate:
    """One task a ledger of the list, each posting one movement after the other."""
    latencies: list[float] = []
    end = time.perf_counter() + SECONDS_EACH

    async def work(ledger: MongoLedger) -> None:
        while (start := time.perf_counter()) < end:
            sender, recipient = next(pairs)
            posting = Posting(f"bench:{next(_keys)}", "sent", "bench", entries=sent(sender, recipient, 1, 0))
            await ledger.post(posting)
            latencies.append(time.perf_counter() - start)

    begun = time.perf_counter()
    await asyncio.gather(*(work(ledger) for ledger in ledgers))
    elapsed = time.perf_counter() - begun
    ordered = sorted(latencies)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return Rate(len(ordered) / elapsed, 1_000 * statistics.median(ordered), 1_000 * p99)


async def _compare(
    name: str, grouped: Callable[[], list[MongoLedger]], naive: Callable[[int], list[MongoLedger]], pairs: Pairs
) -> dict[str, Any]:
    """Grouped and naive in turn, round after round; naive has its best number of tasks in each round."""
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        best = max([await _measure(naive(tasks), pairs) for tasks in NAIVE_TASKS], key=lambda rate: rate.a_second)
        ours.append(await _measure(grouped(), pairs))
        theirs.append(best)
        ratios.append(ours[-1].a_second / best.a_second)
    return {
        "what": name,
        "ratio": round(statistics.median(ratios), 2),
        "spread": [round(min(ratios), 2), round(max(ratios), 2)],
        "grouped_a_second": round(statistics.median(rate.a_second for rate in ours)),
        "grouped_p50_p99_ms": [round(ours[-1].p50_ms, 1), round(ours[-1].p99_ms, 1)],
        "naive_a_second": round(statistics.median(rate.a_second for rate in theirs)),
        "naive_p50_p99_ms": [round(theirs[-1].p50_ms, 1), round(theirs[-1].p99_ms, 1)],
    }


async def run(uri: str, database_name: str) -> list[dict[str, Any]]:
    """All comparisons on one database."""
    async with AsyncMongoClient[dict[str, Any]](uri, w="majority") as client:
        database = client[database_name]
        await migrations.migrate(database)
        shared = MongoLedger(database)
        await _fund(shared)
        chance = random.Random(1)

        def grouped() -> list[MongoLedger]:
            return [shared] * AT_ONCE

        # A ledger of its own has nobody to share a transaction with: that is the naive way, with the very same writes.
        def naive(tasks: int) -> list[MongoLedger]:
            return [MongoLedger(database) for _ in range(tasks)]

        return [
            await _compare("movements a second, uniform over 1,000 accounts", grouped, naive, uniform(chance)),
            await _compare("movements a second, one hot account", grouped, naive, hot(chance)),
        ]
