"""A start with many pending payouts: how long a worker process takes to its first resumed step, and to stop again."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from payout_worker.payouts import STEPS
from payout_worker.steps.form_batch import form_batch, room_now
from tests.benchmarks.bench import Bench
from tests.benchmarks.queues import Queue, open_queue
from tests.benchmarks.results import Row, at_most, time_row
from tests.faults.coin_chain import open_chain
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch, PayoutState, Withdrawal

#: Payouts of the batch that is in flight when the worker starts: as many whatever else is pending.
_IN_FLIGHT: Final = 50
_NAME: Final = "worker"
_PATIENCE_SECONDS: Final = 120.0
_LOOKS_EVERY_SECONDS: Final = 0.01
#: How many seconds more the start with the most may take.
_MOST_MORE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Start:
    """From the start of the process to its first resumed step, and from SIGTERM right then to its end."""

    resumed_seconds: float
    stopped_seconds: float


async def starting(bench: Bench) -> list[Row]:
    """With each number of pending payouts, in turn, on one chain."""
    asset = Asset.BTC
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fewest, most = bench.plan.pending
        async with (
            open_chain(asset, folder, folder / "premined") as chain,
            open_queue(bench, chain, folder / "fewest", f"starting_{fewest}") as few,
            open_queue(bench, chain, folder / "most", f"starting_{most}") as many,
        ):
            starts: dict[int, list[_Start]] = {fewest: [], most: []}
            for number in range(1, bench.plan.starts + 1):
                for size, queue in ((fewest, few), (most, many)):
                    bench.say(f"{asset}: start {number} of {bench.plan.starts} with {size:,} pending payouts")
                    await _prepare(queue, size)
                    starts[size].append(await _start(queue))
    return _rows(starts[fewest], starts[most], (fewest, most))


async def _prepare(queue: Queue, size: int) -> None:
    """So many pending payouts: a small batch that is not signed yet, and all others queued."""
    async with open_inside(queue.world, _NAME) as inside:
        await _bring_to_an_end(inside)
        there = await inside.ports.store.count(Withdrawal, {"state": PayoutState.QUEUED})
        await queue.fill(size - there)
        oldest = await inside.ports.store.find(
            Withdrawal, {"state": PayoutState.QUEUED}, order_by=("created_at", "_id"), limit=_IN_FLIGHT
        )
        await form_batch(inside.ports, inside.tenure, await room_now(inside.ports, inside.tenure), oldest)


async def _bring_to_an_end(inside: Inside) -> None:
    while batches := await inside.ports.store.find(Batch, {"state": BATCHES_IN_FLIGHT}):
        await inside.world.chain.mine()
        for batch in batches:
            for step in STEPS[batch.state]:
                if await step(inside.ports, inside.tenure, batch):
                    break


async def _start(queue: Queue) -> _Start:
    log = queue.world.folder / f"{_NAME}.log"
    log.unlink(missing_ok=True)
    begun = time.perf_counter()
    process = queue.world.start_worker(_NAME)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not _has_signed(queue):  # noqa: ASYNC110 - a log tells nobody that it has grown
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)
    resumed = time.perf_counter()
    await queue.world.stop_worker(process, signal.SIGTERM)
    return _Start(resumed - begun, time.perf_counter() - resumed)


def _has_signed(queue: Queue) -> bool:
    return any(line["event"] == "signed" for line in queue.world.log_of(_NAME))


def _rows(few: Sequence[_Start], many: Sequence[_Start], sizes: tuple[int, int]) -> list[Row]:
    fewest, most = sizes
    what, against = f"BTC worker, {most:,} pending", f"{fewest:,} pending"
    resumed = [[start.resumed_seconds for start in starts] for starts in (many, few)]
    stopped = [[start.stopped_seconds for start in starts] for starts in (many, few)]
    # So many seconds more, as a ratio.
    reach = at_most(round(1 + _MOST_MORE_SECONDS / median(resumed[1]), 2))
    return [
        time_row(f"{what}: to the first resumed step", against, *resumed, reach),
        time_row(f"{what}: from SIGTERM to its end", against, *stopped, None),
    ]
