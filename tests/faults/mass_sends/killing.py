"""Kills the worker while a mass send runs: at points of the source, and at moments that nobody chose."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from payout_worker.failpoints import VARIABLE
from tests.faults.mass_sends.watching import Watch
from tests.faults.processes import Process, ended
from tests.faults.world import World

_POLL_SECONDS: Final = 0.02
_MINE_SECONDS: Final = 0.5
#: A life that is killed at random lasts at most so long after it has brought something about.
_LONGEST_SECONDS: Final = 0.3
#: Once all lines are payouts, a life goes through a part of their way.
_ON_THE_WAY_SECONDS: Final = 1.5
#: And a life in which nothing more happens that its point waits for.
_PATIENCE_SECONDS: Final = 60.0
_WHOLE_SECONDS: Final = 900.0


@dataclass
class Killer:
    """Lives of one worker, each of which ends by SIGKILL; then one that ends by itself."""

    world: World
    watch: Watch
    seed: int
    kills: int = 0
    points: Counter[str] = field(default_factory=Counter)
    _mines: bool = False

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def kill(self, times: int, points: Sequence[str], *, mines: bool) -> None:
        """So many kills, each other one at a point; spread over what is still to be done. ``mines``: blocks come."""
        self._mines = mines
        left = self.watch.send.rows - self.watch.send.done
        for number in range(times):
            if self.watch.is_over:
                return
            share = self.watch.send.rows - left + left * number // (times + 1)
            if number % 2:
                await self.die_at(self._random.choice(points), self._random.randint(1, 2))
            else:
                await self.die_at_random(share)

    async def finish(self, *, mines: bool) -> bool:
        """A last life, until every line has its end."""
        self._mines = mines
        process = self.world.start_worker()
        await self._until(process, lambda: self.watch.is_over, _WHOLE_SECONDS)
        await self.world.stop_worker(process)
        return self.watch.is_over

    async def die_at_random(self, moved: int = 0) -> None:
        """A life that ends at a moment that nobody chose, once so many lines are no longer waiting."""
        process = self.world.start_worker()
        longest = _ON_THE_WAY_SECONDS
        if self.watch.moved < self.watch.send.rows:
            longest, floor = _LONGEST_SECONDS, max(self.watch.moved + 1, min(moved, self.watch.send.rows))
            await self._until(process, lambda: self.watch.moved >= floor, _PATIENCE_SECONDS)
        await self._until(process, lambda: False, self._random.uniform(0, longest))
        await self._kill(process)

    async def die_at(self, point: str, nth: int = 1, *, mines: bool | None = None) -> None:
        """A life that ends at the n-th hit of a point; if it does not come to it, it is killed all the same."""
        self._mines = self._mines if mines is None else mines
        process = self.world.start_worker(**{VARIABLE: f"{point}#{nth}"})
        await self._until(process, lambda: False, _PATIENCE_SECONDS)
        if process.poll() is not None and not self.watch.is_over:
            self.kills += 1
            self.points[point] += 1
        else:
            await self._kill(process)

    async def _kill(self, process: Process) -> None:
        if process.poll() is None:
            process.kill()
            await ended(process)
            self.kills += not self.watch.is_over

    async def _until(self, process: Process, done, seconds: float) -> None:  # type: ignore[no-untyped-def]  # a lambda
        """Waits until it is done, the process has ended, or time is over; blocks are mined meanwhile."""
        loop = asyncio.get_running_loop()
        end, next_block = loop.time() + seconds, loop.time() + _MINE_SECONDS
        while process.poll() is None and not done() and not self.watch.is_over and loop.time() < end:
            if self._mines and loop.time() >= next_block:
                await self.world.chain.mine()
                next_block = loop.time() + _MINE_SECONDS
            await asyncio.sleep(_POLL_SECONDS)
