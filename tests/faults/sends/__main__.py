"""The campaign on sends: ``SEED=N python -m tests.faults.sends [--kills N] [--part NAME] [--report FILE]``.

It kills the worker before and after every call of the watchers of money that waits and of sends that come again, the
bot before and after every posting that a send is made of and every message that it delivers, and then both in turn N
times at random moments, while people send, claim, take back, let expire, pay requests and are sent to again. The exit
code is 1 if anything was lost, doubled or not told, or a point was not tried.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from bot.sandbox.leash import leashed
from tests.faults.sends.report import Report
from tests.faults.sends.trials import kill_at_points, kill_at_random, points, what_failed
from tests.faults.sends.world import Forks, SendWorld, open_world
from tests.faults.trials import Trial
from wallet_core.adapters.mongo.embedded import EmbeddedMongo

_POINTS_PER_WORLD: Final = 12
_KILLS_PER_WORLD: Final = 15
#: A wallet that takes longer has failed; its logs tell why.
_LONGEST_SECONDS: Final = 1_200.0

Play = Callable[[SendWorld], Awaitable[Trial]]


async def main(kills: int, part: str, report: Path | None) -> int:
    """Plays the campaign and prints what came of it."""
    # What the core says of each refusal would drown the rest.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder, began = Path(tempfile.mkdtemp(prefix="send-faults-")), time.monotonic()
    seed, forks, trials = int(os.environ.get("SEED", "1")), Forks(), list[Trial]()
    try:
        async with EmbeddedMongo(folder / "mongod", wrapper=leashed([]), oplog_mb=64) as mongo:
            for play in _plays(part, kills, seed):
                trials.append(await _played(mongo.uri, Path(tempfile.mkdtemp(dir=folder)), forks, play))
    finally:
        forks.close()
    called = f"SEED={seed} python -m tests.faults.sends --kills {kills}" + (f" --part '{part}'" if part else "")
    made = Report(trials, called, time.monotonic() - began)
    sys.stdout.write(made.markdown())
    made.write(report)
    return 1 if made.failed or made.not_tried else 0


def _plays(part: str, kills: int, seed: int) -> Iterator[Play]:
    shuffled = points()
    random.Random(seed).shuffle(shuffled)
    if "points".startswith(part):
        for at in range(0, len(shuffled), _POINTS_PER_WORLD):
            yield partial(kill_at_points, at=shuffled[at : at + _POINTS_PER_WORLD], seed=seed + at)
    if "random kills".startswith(part):
        for at in range(0, kills, _KILLS_PER_WORLD):
            yield partial(kill_at_random, kills=min(_KILLS_PER_WORLD, kills - at), seed=seed + at)


async def _played(uri: str, folder: Path, forks: Forks, play: Play) -> Trial:
    """In a new wallet; what goes wrong with one ends none of the others."""
    began = time.monotonic()
    try:
        async with (
            asyncio.timeout(_LONGEST_SECONDS),
            open_world(uri, f"sends_{folder.name}", folder, forks) as world,
        ):
            trial = await play(world)
            await world.drop_database()
    except Exception:
        trial = Trial("campaign", folder.name)
        trial.verdict.gaps.append(what_failed(3))
    trial.seconds = time.monotonic() - began
    kept = "" if trial.passed else f"; logs: {folder}; {trial}"
    sys.stderr.write(f"{trial.part}, {trial.name}: {trial.kills} kills, {trial.seconds:.0f} s{kept}\n")
    return trial


if __name__ == "__main__":
    # What a shell starts in the background ignores interrupts, and so would every process until its handlers stand.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sends", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="at random moments, of the worker and of the bot in turn")
    parser.add_argument("--part", default="", help="only parts whose name begins with this: points, random kills")
    parser.add_argument("--report", type=Path, help="a page of Markdown to write; JSON goes beside it")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(main(chosen.kills, chosen.part, chosen.report)))
