"""The plan of the campaign on the card rail, and its runner: each job is a wallet of its own; none ends the rest."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from payout_worker.failpoints import declared
from tests.faults.cards import bot_process
from tests.faults.cards.trials import kill_at_points, kill_at_random
from tests.faults.cards.world import CardWorld, Forks, open_world
from tests.faults.points import points_of
from tests.faults.trials import Trial
from wallet_core.domain.money import Asset

#: What the card rail's unit does as well, in modules that are for all rails.
_SHARED: Final = ("debts", "holds", "raise_alarm")
#: Points that no life of this campaign comes to, and why.
UNREACHED: Final = {
    "holds:ledger.post": "what an interrupted mass payment leaves; the campaign on the chains has it",
}
_KILLS_PER_POINT: Final = 3
_POINTS_PER_WORLD: Final = 12
_KILLS_PER_WORLD: Final = 25
_ROOT: Final = Path(__file__).parents[3]
#: A job that takes longer has failed; its logs tell why.
_LONGEST_SECONDS: Final = 1_200.0

Play = Callable[[CardWorld], Awaitable[Trial]]
Job = tuple[str, Play]


def points() -> list[str]:
    """Every point of the unit, and of the bot's webhook, that the campaign comes to."""
    shared = [point for point in declared() if point.partition(":")[0] in _SHARED]
    worker = [point for point in (*points_of(Asset.USD), *shared) if point.rpartition(":")[0] not in UNREACHED]
    return [*worker, *bot_process.points()]


def plan(part: str, kills: int, seed: int) -> list[Job]:
    """The jobs of the parts whose name contains this text."""
    jobs = [*_points(seed), *_random(kills, seed)]
    return [job for job in jobs if part in job[0]]


def _points(seed: int) -> Iterator[Job]:
    shuffled = points()
    random.Random(seed).shuffle(shuffled)
    for at in range(0, len(shuffled), _POINTS_PER_WORLD):
        some = shuffled[at : at + _POINTS_PER_WORLD]
        yield "points", partial(kill_at_points, points=some, seed=seed + at, times=_KILLS_PER_POINT)


def _random(kills: int, seed: int) -> Iterator[Job]:
    for at in range(0, kills, _KILLS_PER_WORLD):
        yield "random kills", partial(kill_at_random, kills=min(_KILLS_PER_WORLD, kills - at), seed=seed + at)


@dataclass
class Runner:
    """Plays jobs, each in a new world, and keeps the folders of those that failed."""

    folder: Path
    uri: str
    forks: Forks
    told: Callable[[Trial, Path], None]
    trials: list[Trial] = field(default_factory=list)

    async def run(self, jobs: list[Job], at_once: int) -> None:
        """Plays all of them, so many at a time."""
        waiting = iter(jobs)

        async def work() -> None:
            for part, play in waiting:
                await self._play(part, play)

        await asyncio.gather(*(work() for _ in range(at_once)))

    async def _play(self, part: str, play: Play) -> None:
        name = uuid.uuid4().hex[:8]
        folder, began = self.folder / name, time.monotonic()
        folder.mkdir()
        try:
            async with (
                asyncio.timeout(_LONGEST_SECONDS),
                open_world(self.uri, f"cards_{name}", folder, self.forks) as world,
            ):
                trial = await play(world)
                await world.drop_database()
        except Exception:
            trial = Trial(part, name)
            trial.verdict.gaps.append(traceback.format_exc(limit=-3).replace(f"{_ROOT}/", ""))
        trial.seconds = time.monotonic() - began
        self.trials.append(trial)
        if trial.passed:
            shutil.rmtree(folder, ignore_errors=True)
        self.told(trial, folder)
