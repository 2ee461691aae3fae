"""Movements a second through the ledger port against the naive way at its best, and a lone posting against it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.load import Load, Post, fund, measure, through
from tests.benchmarks.naive import Naive
from tests.benchmarks.results import Rate, Reach, Row, at_least, at_most, fastest, rate_row, time_row

#: By pairs: how the row is called, and what it should reach at the most at once.
_HOT: Final = "all to one"
_REACH: Final[Mapping[str, Reach]] = {"uniform": at_least(10), _HOT: at_least(30)}


@dataclass(frozen=True, slots=True)
class _Ways:
    ours: Post
    naive: Post


@asynccontextmanager
async def _both_ways(bench: Bench, name: str) -> AsyncIterator[_Ways]:
    async with bench.wallet(name) as (wallet, database), bench.database(f"{name}_naive") as own:
        ledger = wallet.ports.ledger
        await fund(ledger, range(bench.plan.accounts))
        naive = await Naive.beside(ledger, database, own)
        yield _Ways(through(ledger), naive.post)


async def movements(bench: Bench) -> list[Row]:
    """Uniform over the accounts, and everybody pays one account."""
    async with _both_ways(bench, "movements") as ways:
        return [row for pairs in _REACH for row in await _compare(bench, ways, pairs)]


async def _compare(bench: Bench, ways: _Ways, pairs: str) -> list[Row]:
    plan = bench.plan
    ours: dict[int, list[Rate]] = {at_once: [] for at_once in plan.at_once}
    theirs: list[Rate] = []
    for number in range(1, plan.rounds + 1):
        bench.say(f"movements, {pairs}: round {number} of {plan.rounds}")
        rivals = [Load(pairs, plan.accounts, at_once, plan.seconds_each) for at_once in plan.rivals_at_once]
        theirs.append(fastest([await measure(ways.naive, load) for load in rivals]))
        for at_once, rates in ours.items():
            rates.append(await measure(ways.ours, Load(pairs, plan.accounts, at_once, plan.seconds_each)))
    over = "one hot account" if pairs == _HOT else f"{plan.accounts:,} accounts"
    return [
        rate_row(
            f"movements/s, {over}, {at_once:,} at once",
            "naive at its best",
            rates,
            theirs,
            _REACH[pairs] if at_once == max(plan.at_once) else None,
        )
        for at_once, rates in ours.items()
    ]


async def lone(bench: Bench) -> list[Row]:
    """One posting at a time, ours and naive in turn, posting by posting."""
    ours, theirs = [], []
    async with _both_ways(bench, "lone") as ways:
        for number in range(1, bench.plan.rounds + 1):
            bench.say(f"lone posting: round {number} of {bench.plan.rounds}")
            pairs = Load("uniform", bench.plan.accounts, 1, 0).people()
            mine, its = [], []
            for _ in range(bench.plan.lone_postings):
                its.append(await _seconds(ways.naive, *next(pairs)))
                mine.append(await _seconds(ways.ours, *next(pairs)))
            ours.append(median(mine))
            theirs.append(median(its))
    return [time_row("a lone posting, idle, p50", "naive, p50", ours, theirs, at_most(1.1))]


async def _seconds(post: Post, sender: int, recipient: int) -> float:
    start = time.perf_counter()
    await post(sender, recipient)
    return time.perf_counter() - start
