"""What came of a trial, and kills of workers: at failpoints, one after the other, and at random moments."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.faults.feed import Feed
from tests.faults.points import Needs, needs_of
from tests.faults.processes import Process, ended
from tests.faults.verdict import Verdict
from tests.faults.world import World
from tests.support.levels import leveling
from wallet_core.domain.payout import Batch, BatchState
from wallet_core.domain.purchase import RailState

#: A life that does not come to its point in so many turns of a tenth of a second does not come to it.
_TURNS = 80
_TURNS_PER_BLOCK = 3
#: Something else than a new block happens so often.
_TURNS_PER_EVENT = 12
_TRIES = 6


@dataclass
class Trial:
    """What came of one world."""

    part: str
    name: str
    kills: int = 0
    #: How often a worker was killed at each failpoint, and what else was done how often.
    points: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    #: What was to be tried and was not.
    untried: list[str] = field(default_factory=list)
    #: How long workers took to end after a signal.
    exits: list[float] = field(default_factory=list)
    payouts: int = 0
    seconds: float = 0
    finished: bool = False
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def passed(self) -> bool:
        """Whether everything is as it must be."""
        return self.finished and bool(self.verdict)


class Sweep:
    """A world in which worker after worker is killed, each at a failpoint of its own."""

    def __init__(self, world: World, seed: int = 1) -> None:
        self._world = world
        self._chance = random.Random(seed)
        self.feed = Feed(world)
        self.trial = Trial("failpoints", f"{world.asset}, seed {seed}")

    async def begin(self) -> None:
        """Money, and the first work."""
        await self._world.fund()
        await self.feed.serve(Needs.NOTHING)

    async def kill_at(self, point: str, times: int = 1) -> None:
        """Kills at one point; tries again a few times where the worker does not come to it."""
        hits = sum([await self._life(point) for _ in range(times)])
        for _ in range(_TRIES):
            if hits >= times:
                break
            hits += await self._life(point)
        if hits < times:
            self.trial.untried.append(f"{point}: {hits} of {times}")

    async def kill_in_recovery(self, first: str, second: str) -> None:
        """Kills at one point, and the next life, which gets no new work, at another."""
        pair = await self._life(first) and await self._life(second, feed=False)
        self.trial.done["pairs"] += 1
        self.trial.done["pairs whose second point was reached"] += bool(pair)

    async def finish(self) -> Trial:
        """Lets the last life end everything, and judges."""
        worker = self._world.start_worker()
        done = await self.feed.finish()
        self.trial.finished = await self._world.stop_worker(worker) == 0 and done
        self.trial.verdict = await self.feed.verdict()
        self.trial.payouts = len(self.feed.paid)
        return self.trial

    async def _life(self, point: str, *, feed: bool = True) -> bool:
        needs = needs_of(point)
        if feed:
            await self.feed.serve(needs)
        async with self._world.chain.proxied() as proxy:
            proxy.swallows = bool(needs & Needs.SILENCE)
            killed = await self._lived(self._start(point, needs, proxy.url), needs) == -signal.SIGKILL
        self.trial.kills += killed
        self.trial.points[point] += killed
        return killed

    def _start(self, point: str, needs: Needs, over: str) -> Process:
        world = self._world
        environment = {"WALLET_FAILPOINT": point, "LEASE_SECONDS": "1"}
        if needs & Needs.SWEEPS:
            environment |= world.sweeping
        if needs & Needs.LEVELS:
            environment |= leveling(world.asset)
        if needs & Needs.SILENCE:
            environment |= world.chain.environment(over, world.final_depth)
        name = f"worker{len(world.workers)}" if needs & Needs.ANOTHER_WORKER else "worker"
        return world.start_worker(name, **environment)

    async def _lived(self, worker: Process, needs: Needs) -> int:
        """Its exit code, after as many turns as it lives, or is left to live."""
        for turn in range(1, _TURNS + 1):
            if worker.poll() is not None:
                break
            await self._turn(turn, needs)
            await asyncio.sleep(0.1)
        return await self._world.stop_worker(worker)

    async def _turn(self, turn: int, needs: Needs) -> None:
        """Blocks of both kinds in turn, and now and then what the point needs."""
        chain, block = self._world.chain, turn // _TURNS_PER_BLOCK
        if needs & Needs.FAILING:
            await self.feed.harm()
        if turn % _TURNS_PER_EVENT == 0 and needs & Needs.FORGETTING:
            await chain.lose_pool()
        elif needs & Needs.REORGANISATION and await reorganise_confirmed(self._world):
            return
        elif turn % _TURNS_PER_BLOCK == 0:
            # Fees are raised when a block passes an old attempt over, and lost attempts are missed so.
            passes_over = block % 12 if needs & (Needs.WAITING | Needs.FORGETTING) else block % 2
            await (chain.mine_empty() if passes_over else chain.mine())


async def reorganise_confirmed(world: World) -> bool:
    """Takes the block of a confirmed batch out of the chain, if there is one and it is not final."""
    height = await world.chain.height()
    for batch in await world.ports.store.find(Batch, {"state": BatchState.CONFIRMED}):
        depth = height - (batch.height or 0) + 1
        if depth <= world.final_depth:
            await world.chain.reorganise(depth)
            return True
    return False


async def kill_at_random(world: World, kills: int, seed: int, payouts: int = 20) -> Trial:
    """Queues payouts while the rail is paused, resumes it, and kills worker after worker at random moments."""
    chance = random.Random(seed)
    trial = Trial("random kills", f"{world.asset}, seed {seed}")
    feed = await queue_while_paused(world, payouts)
    async with mined_at_random(world, chance):
        for _ in range(kills):
            worker = world.start_worker()
            await asyncio.sleep(chance.uniform(0.05, 1.6))
            if worker.poll() is None:
                worker.kill()
            trial.kills += await ended(worker) == -signal.SIGKILL
            if chance.random() < 0.5:
                await feed.payouts(chance.randint(1, 3))
    worker = world.start_worker()
    done = await feed.finish(seconds=120)
    trial.finished = await world.stop_worker(worker) == 0 and done
    trial.verdict, trial.payouts = await feed.verdict(), len(feed.paid)
    return trial


async def queue_while_paused(world: World, count: int) -> Feed:
    """Withdrawals that came in while the rail was paused, which now is resumed."""
    feed = Feed(world)
    await world.fund()
    await world.set_rail(RailState.PAUSED)
    await feed.payouts(count)
    await world.set_rail(RailState.RUNNING)
    return feed


@asynccontextmanager
async def mined_at_random(world: World, chance: random.Random, reorganised: float = 0.05) -> AsyncIterator[None]:
    """Blocks at random moments, sometimes none for a while; of so many the newest leaves the chain again."""

    ends = asyncio.Event()

    async def mine() -> None:
        while not ends.is_set():
            pause = chance.uniform(0.05, 0.6) if chance.random() < 0.9 else chance.uniform(1.5, 3)
            with suppress(TimeoutError):
                await asyncio.wait_for(ends.wait(), pause)
            if chance.random() < reorganised:
                await world.chain.reorganise(1)
            await (world.chain.mine_empty() if chance.random() < 0.2 else world.chain.mine())

    mining = asyncio.create_task(mine())
    try:
        yield
    finally:
        # Not cancelled: half a reorganisation would leave the nodes with two branches.
        ends.set()
        await mining


def sampled_pairs(points: Sequence[str], count: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of failpoints, of which the second is reached without anything special."""
    chance = random.Random(seed)
    plain = [point for point in points if needs_of(point) is Needs.NOTHING]
    return [(chance.choice(plain), chance.choice(plain)) for _ in range(count)]
