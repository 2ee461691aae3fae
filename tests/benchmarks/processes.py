"""Two processes that post at the same time, each as much at once as the one that they are compared with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from statistics import median

from tests.benchmarks.bench import Bench
from tests.benchmarks.drivers import Driver, driver, worker
from tests.benchmarks.load import Load, fund
from tests.benchmarks.results import Rate, Reach, Row, at_least, at_most, medians, rate_row


@dataclass(slots=True)
class _Pair:
    """What two processes did together, round after round."""

    rounds: list[tuple[Rate, Rate]] = field(default_factory=list)

    @property
    def together(self) -> list[Rate]:
        """Their sum; the latencies of the slower one."""
        return [
            Rate(a.a_second + b.a_second, max(a.p50_ms, b.p50_ms), max(a.p99_ms, b.p99_ms), a.failed + b.failed)
            for a, b in self.rounds
        ]

    @property
    def smaller_shares(self) -> list[float]:
        """What the process with less had, against an even half."""
        return [min(a.a_second, b.a_second) / ((a.a_second + b.a_second) / 2) for a, b in self.rounds]


async def processes(bench: Bench) -> list[Row]:
    """On the same accounts, and on halves that are nearly disjoint."""
    async with bench.wallet("processes") as (wallet, database), AsyncExitStack() as stack:
        await fund(wallet.ports.ledger, range(bench.plan.accounts))
        argv = worker(bench.uri, database.name)
        return await _compare(bench, *[await stack.enter_async_context(driver(argv)) for _ in range(3)])


async def _compare(bench: Bench, single: Driver, one: Driver, other: Driver) -> list[Row]:
    """The single one never meets the others: a ledger that met a rival takes turns for a while."""
    plan = bench.plan
    load = Load("uniform", plan.accounts, max(plan.at_once), plan.seconds_each)
    halves = replace(load, pairs="half 0"), replace(load, pairs="half 1")
    alone: list[Rate] = []
    same, apart = _Pair(), _Pair()
    for number in range(1, plan.rounds + 1):
        bench.say(f"two processes: round {number} of {plan.rounds}")
        alone.append(await single.measure(load))
        same.rounds.append(await _both(one, load, other, load))
        apart.rounds.append(await _both(one, halves[0], other, halves[1]))
    return [
        *_rows("same accounts", alone, same, at_least(0.9)),
        *_rows("nearly disjoint", alone, apart, at_least(1.2)),
    ]


async def _both(one: Driver, its: Load, other: Driver, others: Load) -> tuple[Rate, Rate]:
    first, second = await asyncio.gather(one.measure(its), other.measure(others))
    return first, second


def _rows(accounts: str, alone: Sequence[Rate], pair: _Pair, reach: Reach) -> list[Row]:
    p99 = [two.p99_ms / one.p99_ms for two, one in zip(pair.together, alone, strict=True)]
    name, one_process = f"two processes, {accounts}", "one process"
    return [
        rate_row(f"{name}: movements/s", one_process, pair.together, alone, reach),
        # 40 % of the whole, at least.
        Row(f"{name}: smaller share", "an even half", pair.smaller_shares, at_least(0.8)),
        Row(
            f"{name}: longer p99",
            one_process,
            p99,
            at_most(3),
            more_is_better=False,
            ours={"p99_ms": median(rate.p99_ms for rate in pair.together)},
            theirs={"p99_ms": medians(alone)["p99_ms"]},
        ),
    ]
