"""Kills the worker while a mass send runs: at points of the source, and at moments that nobody chose."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from payout_worker.failpoints import VARIABLE
from tests.faults.mass_sends.plan import Life
from tests.faults.mass_sends.watching import Watch
from tests.faults.processes import Process, ended
from tests.faults.world import World

_POLL_SECONDS: Final = 0.02
_MINE_SECONDS: Final = 0.5
#: A life that is killed at random lasts at most so long after its lines are paid; and where it waits for none, so long
#: as the one before it took to come to its point.
_LONGEST_SECONDS: Final = 0.3
_FIRST_SECONDS: Final = 1.5
#: A life that does not come to its point, or to its lines, in this time does not come to it.
_PATIENCE_SECONDS: Final = 60.0
_WHOLE_SECONDS: Final = 900.0


@dataclass
class Kills:
    """The lives that were asked for, and how they ended; ``strange`` are those that ended otherwise than by SIGKILL."""

    asked: Sequence[Life]
    at_random: int = 0
    points: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All kills."""
        return self.at_random + self.points.total()

    @property
    def missing(self) -> list[str]:
        """What makes this no proof: each life ends by SIGKILL, each point is come to, and somebody is killed at all."""
        points = dict.fromkeys(life.point for life in self.asked if not life.at_random)
        missing = [f"{point}: nobody was killed there" for point in points if not self.points[point]]
        if not self.total or self.total != len(self.asked):
            missing.append(f"{self.total} kills, of {len(self.asked)} that were asked for")
        return [*self.strange, *missing]

    def by_itself(self, life: Life, code: int | None) -> bool:
        """How a life ended that nobody ended from outside; None: it goes on. Whether it was killed at its point."""
        if life.point and code == -signal.SIGKILL:
            self.points[life.point] += 1
            return True
        how = "the worker did not come to it" if code is None else f"the worker ended with {code}"
        return self._is_strange(life, how)

    def from_outside(self, life: Life, code: int, *, too_late: bool) -> bool:
        """How a life ended that was killed at random. Whether that was by the kill, and not ``too_late``."""
        if too_late:
            return self._is_strange(life, "the mass send was over before")
        if code != -signal.SIGKILL:
            return self._is_strange(life, f"the worker ended with {code}")
        self.at_random += 1
        return True

    def _is_strange(self, life: Life, how: str) -> bool:
        self.strange.append(f"{'at random' if life.at_random else life.point}: {how}")
        return False


@dataclass
class Killer:
    """Lives of one worker, each of which ends by SIGKILL; then one that ends by itself."""

    world: World
    watch: Watch
    seed: int
    kills: Kills

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._took = _FIRST_SECONDS

    async def kill(self) -> None:
        """One life after the other as they were asked for, until one of them does not end as it should."""
        for life in self.kills.asked:
            if not await self._ends(life):
                return

    async def finish(self, *, mined: bool) -> bool:
        """A last life, until every line has its end, and then by a signal. ``mined``: blocks come."""
        said = len(self.world.log_of())
        process = self.world.start_worker()
        # What says something hears signals as well.
        await self._until(
            process, lambda: self.watch.is_over and len(self.world.log_of()) > said, _WHOLE_SECONDS, mined=mined
        )
        return await self.world.stop_worker(process) == 0 and self.watch.is_over

    async def _ends(self, life: Life) -> bool:
        """Whether it ended by SIGKILL, while the mass send ran."""
        process, began = self.world.start_worker(**self._environment(life)), time.monotonic()
        if life.at_random:
            await self._random_moment(process, life)
        else:
            await self._until(process, _never, _PATIENCE_SECONDS, mined=life.mined)
            self._took = time.monotonic() - began
        code, too_late = process.poll(), self.watch.is_over
        process.kill()
        last = await ended(process)
        if code is not None or not life.at_random:
            return self.kills.by_itself(life, code)
        return self.kills.from_outside(life, last, too_late=too_late)

    async def _random_moment(self, process: Process, life: Life) -> None:
        longest = self._took
        if life.lines:
            longest, lines = _LONGEST_SECONDS, max(life.lines, self.watch.moved + 1)
            await self._until(
                process, lambda: self.watch.moved >= lines or self.watch.is_over, _PATIENCE_SECONDS, mined=life.mined
            )
        await self._until(process, _never, self._random.uniform(0, longest), mined=life.mined)

    def _environment(self, life: Life) -> dict[str, str]:
        point = {VARIABLE: life.point} if life.point else {}
        return point | ({"WORKER_RAILS": life.rails} if life.rails else {})

    async def _until(self, process: Process, done: Callable[[], bool], seconds: float, *, mined: bool) -> None:
        """Waits until it is done, the process has ended, or time is over; blocks are mined meanwhile."""
        loop = asyncio.get_running_loop()
        end, next_block = loop.time() + seconds, loop.time() + _MINE_SECONDS
        while process.poll() is None and not done() and loop.time() < end:
            if mined and loop.time() >= next_block:
                await self.world.chain.mine()
                next_block = loop.time() + _MINE_SECONDS
            await asyncio.sleep(_POLL_SECONDS)


def _never() -> bool:
    return False
