"""The long campaign against the ledger: ``LEDGER_STEPS=N LEDGER_KILLS=N SEED=N python -m tests.faults.ledger``.

First steps beside the model, crashes among them; then kills of posting processes; then a replica set of three whose
primaries die. It prints how often each thing was done; the exit code is 1 if anything was lost, doubled or wrong.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import structlog
from pymongo import AsyncMongoClient
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.sandbox.leash import leashed
from tests.faults.ledger.failovers import DISASTERS, survive
from tests.faults.ledger.killed import kill_posters
from tests.faults.ledger.machine import Tally, try_ledger
from tests.faults.ledger.replica_set import replica_set
from wallet_core.adapters.mongo.embedded import EmbeddedMongo

STEPS_PER_LIFE = 100
#: Who posts at the same time: one, two on the same accounts, two with the very same keys.
CASTS = (("a",), ("a", "b"), ("a", "a"))
KILLS_PER_LIFE = 4
POSTINGS_EACH = 4_000
KILLS_PER_DISASTER = 5


class Campaign:
    """Does all of it and counts."""

    def __init__(self, folder: Path, progress: Progress, seed: int) -> None:
        self._folder = folder
        self._progress = progress
        self._seed = seed
        self._chance = Random(seed)
        self.done: Counter[str] = Counter()
        self.gaps: list[str] = []

    def try_model(self, uri: str, steps: int) -> None:
        """So many steps beside the model."""
        task = self._progress.add_task("steps beside the model", total=steps)
        tally = Tally(progress=lambda: self._progress.advance(task))
        seeds = itertools.count(self._seed)
        # Hypothesis may end a life early, so what is left is counted, and played with the next seed.
        while not tally.alarms and (left := steps - tally.steps.total()) > 0:
            try:
                try_ledger(uri, steps=STEPS_PER_LIFE, lives=-(-left // STEPS_PER_LIFE), seed=next(seeds), tally=tally)
            except Exception:
                if not tally.alarms:
                    raise
        self.gaps += tally.alarms[:1]
        for counts in (tally.steps, tally.cuts, tally.answers, tally.kinds):
            self.done.update(dict(sorted(counts.items())))
        self.done["steps in all"] = tally.steps.total()

    async def kill_posters(self, uri: str, kills: int) -> None:
        """So many kills of posting processes."""
        task = self._progress.add_task("killed processes", total=kills)
        while self.done["processes killed"] < kills:
            names = CASTS[self._chance.randrange(len(CASTS))]
            name = f"killed_{self._chance.getrandbits(48):x}"
            async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True) as client:
                killed = await kill_posters(
                    uri,
                    client[name],
                    names,
                    count=POSTINGS_EACH,
                    kills=KILLS_PER_LIFE,
                    seed=self._chance.getrandbits(32),
                )
                await client.drop_database(name)
            self.done["processes killed"] += killed.kills
            self.done["postings acknowledged by them"] += len(killed.acknowledged)
            self.gaps += killed.gaps
            self._progress.update(task, completed=self.done["processes killed"])

    async def fail_over(self, disasters: int) -> None:
        """So many primaries that die or step down."""
        task = self._progress.add_task("lost primaries", total=disasters)
        async with replica_set(self._folder, 3) as servers:
            for number in range(disasters):
                disaster = self._chance.choice(DISASTERS)
                traffic = await survive(servers, f"failover_{number}", disaster)
                self.done[f"primary {disaster.__name__.replace('_', ' ')}"] += 1
                self.done["postings acknowledged meanwhile"] += len(traffic.acknowledged)
                self.gaps += traffic.gaps
                self._progress.advance(task)


@contextmanager
def _running(runner: asyncio.Runner, folder: Path) -> Iterator[str]:
    mongo = EmbeddedMongo(folder / "mongod", wrapper=leashed([]), oplog_mb=64)
    try:
        yield runner.run(mongo.start())
    finally:
        runner.run(mongo.stop())


def main() -> int:
    """Does it all, and prints what came of it."""
    # What the ledger says of each interruption would drown the progress.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    steps, kills = int(os.environ.get("LEDGER_STEPS", "20000")), int(os.environ.get("LEDGER_KILLS", "60"))
    folder, began = Path(tempfile.mkdtemp(prefix="ledger-faults-")), time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns) as progress, asyncio.Runner() as runner:
            campaign = Campaign(folder, progress, int(os.environ.get("SEED", "1")))
            with _running(runner, folder) as uri:
                # Hypothesis calls it, so it cannot run inside a loop; each of its lives has one of its own.
                campaign.try_model(uri, steps)
                runner.run(campaign.kill_posters(uri, kills))
            runner.run(campaign.fail_over(-(-kills // KILLS_PER_DISASTER)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _report(campaign, time.monotonic() - began)


def _report(campaign: Campaign, seconds: float) -> int:
    console = Console()
    table = Table("what", "times")
    for what, times in campaign.done.items():
        table.add_row(what, f"{times:,}")
    console.print(table)
    for gap in campaign.gaps:
        console.print(gap, style="red", soft_wrap=True, markup=False)
    console.print(f"lost, doubled or wrong: {len(campaign.gaps)}, {seconds:.0f} s")
    return 1 if campaign.gaps else 0


if __name__ == "__main__":
    sys.exit(main())
