"""Kills of bot and worker while people send, claim, take back, pay and are sent to again: at points, and at random."""

from __future__ import annotations

import asyncio
import random
import signal
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from payout_worker.failpoints import VARIABLE, declared
from tests.faults.sends import bot_process
from tests.faults.sends.judging import judge
from tests.faults.sends.people import until
from tests.faults.sends.stories import STORIES, Stage, Story
from tests.faults.sends.world import BOT, WORKER, SendWorld
from tests.faults.trials import Trial
from wallet_core.domain.chat import OutboxMessage, OutboxState

_ROOT: Final = Path(__file__).resolve().parents[3]

#: What the worker does about money that waits, and about sends that come again.
_OF_WORKER: Final = ("unclaimed", "recurring")
_AT_ONCE: Final = 5
#: A life that does not come to its point in this time does not come to it.
_LIFE_SECONDS: Final = 25.0
_LOOK_SECONDS: Final = 0.05
_TRIES: Final = 3


def points() -> list[str]:
    """Every point of the worker's watchers, and of the bot."""
    worker = [point for point in declared() if point.partition(":")[0] in _OF_WORKER]
    return [*worker, *bot_process.points()]


async def kill_at_points(
    world: SendWorld, at: Sequence[str], seed: int, times: int = 1, stories: Sequence[Story] = STORIES
) -> Trial:
    """Kills the process that has the point so often at each of them, worker and bot at the same time."""
    trial, stage = Trial("points", f"seed {seed}"), Stage(world, random.Random(seed))
    of_bot = [point for point in at if point.startswith("bot:")]
    async with _played(stage, trial, stories):
        await asyncio.gather(
            _sweep(world, trial, WORKER, [point for point in at if point not in of_bot], times),
            _sweep(world, trial, BOT, of_bot, times),
        )
    trial.kills = trial.points.total()
    return await _finished(stage, trial)


async def kill_at_random(world: SendWorld, kills: int, seed: int) -> Trial:
    """So many kills at random moments, of the worker and of the bot in turn."""
    chance = random.Random(seed)
    trial, stage = Trial("random kills", f"seed {seed}"), Stage(world, chance)
    async with _played(stage, trial, STORIES):
        for number in range(kills):
            await asyncio.sleep(chance.uniform(0.3, 3))
            name = (WORKER, BOT)[number % 2]
            killed = await world.kill(name)
            trial.kills += killed
            trial.done[f"kills of the {name}"] += killed
            world.start(name)
    return await _finished(stage, trial)


@asynccontextmanager
async def _played(stage: Stage, trial: Trial, stories: Sequence[Story]) -> AsyncIterator[None]:
    """Stories, each in turn and several at once, while the block runs; then all that were begun come to their end."""
    for name in (WORKER, BOT):
        stage.world.start(name)
    closes, deck = asyncio.Event(), list[Story]()

    async def play() -> None:
        while not closes.is_set():
            deck.extend([] if deck else stage.chance.sample(stories, len(stories)))
            story = deck.pop()
            trial.done[f"story: {story.__name__.replace('_', ' ')}"] += 1
            try:
                await story(stage)
            except Exception:
                trial.verdict.lost.append(f"{story.__name__}: {what_failed(2)}")

    playing = [asyncio.create_task(play()) for _ in range(min(_AT_ONCE, len(stories)))]
    try:
        yield
    finally:
        closes.set()
        await asyncio.gather(*playing)


async def _sweep(world: SendWorld, trial: Trial, name: str, at: Sequence[str], times: int) -> None:
    for point in at:
        for _ in range(times * _TRIES):
            if trial.points[point] == times:
                break
            trial.points[point] += await _killed_at(world, name, point)
        if trial.points[point] < times:
            trial.untried.append(f"{point}: {trial.points[point]} of {times}")
    if at:
        await world.kill(name)
        world.start(name)


async def _killed_at(world: SendWorld, name: str, point: str) -> bool:
    """One life, which should end at the point."""
    await world.kill(name)
    process = world.start(name, **{VARIABLE: point})
    for _ in range(int(_LIFE_SECONDS / _LOOK_SECONDS)):
        if process.poll() is not None:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return process.poll() == -signal.SIGKILL


async def _finished(stage: Stage, trial: Trial) -> Trial:
    """Everything was told; then both processes end, and everything is judged."""
    stuck = list(trial.verdict.lost)

    async def is_told() -> bool:
        return not await stage.world.ports.store.count(OutboxMessage, {"state": OutboxState.WAITING})

    try:
        await until(is_told)
    except AssertionError:
        stuck.append("messages still wait")
    codes = {name: await stage.world.stop(name) for name in (WORKER, BOT)}
    trial.finished = not stuck and set(codes.values()) == {0}
    trial.verdict = await judge(stage)
    trial.verdict.gaps += [*stuck, *(f"the {name} ended with {code}" for name, code in codes.items() if code)]
    return trial


def what_failed(calls: int) -> str:
    """The error that is being handled with its last calls; files are named within the project, as on a kept page."""
    return traceback.format_exc(limit=-calls).replace(f"{_ROOT}/", "")
