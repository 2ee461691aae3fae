"""Trials: a world, a worker that is killed somewhere, another that goes on, and the check at the end."""

from __future__ import annotations

import asyncio
import random
import signal
from dataclasses import dataclass, field

from tests.faults.scenario import NEEDS_DEEP_REORG, set_up
from tests.faults.verdict import Verdict
from tests.faults.world import PERSON, Process, World, ended
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import RailState

_LIVES = 4
_LINGER_TURNS = 50


@dataclass
class Trial:
    """What came of one world."""

    name: str
    kills: int = 0
    finished: bool = False
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def passed(self) -> bool:
        """Whether everything is as it must be, and the worker was killed at all."""
        return self.finished and bool(self.kills) and bool(self.verdict)


async def kill_at(world: World, point: str) -> Trial:
    """Kills the worker at a failpoint, and once more at the same point in its recovery; then lets it finish."""
    trial = Trial(point)
    scenario = await set_up(world, deep_reorg=point.startswith(NEEDS_DEEP_REORG))
    for life in range(_LIVES):
        armed = {"WALLET_FAILPOINT": point} if life < 2 else {}
        epoch = await scenario.epoch()
        worker = world.start_worker(**armed)
        done = await scenario.play(after_epoch=epoch)
        if armed and done and not trial.kills:
            # Some points are only reached in the pass after the last settlement.
            await _linger(worker)
        code = await world.stop_worker(worker)
        if code == -signal.SIGKILL:
            trial.kills += 1
            continue
        trial.finished = code == 0 and done
        if not done or life >= 1:
            break
    trial.verdict = await scenario.verdict()
    return trial


async def kill_at_random(world: World, kills: int, seed: int, payouts: int = 20) -> Trial:
    """Queues payouts while the rail is paused, resumes it, and kills worker after worker at random moments."""
    chance = random.Random(seed)
    trial = Trial(f"random, seed {seed}")
    withdrawals = await queue_while_paused(world, payouts)
    mining = asyncio.create_task(_mine_at_random(world, chance))
    try:
        for _ in range(kills):
            worker = world.start_worker()
            await asyncio.sleep(chance.uniform(0.05, 1.6))
            await _kill(worker)
            trial.kills += 1
            if (await world.states(*withdrawals))[PayoutState.SETTLED] == len(withdrawals):
                withdrawals += await _queue_more(world, payouts, person=PERSON + trial.kills)
    finally:
        mining.cancel()
    worker = world.start_worker()
    done = await world.mine_until(PayoutState.SETTLED, withdrawals, seconds=120)
    trial.finished = await world.stop_worker(worker) == 0 and done
    trial.verdict = await world.check(withdrawals)
    return trial


async def _queue_more(world: World, count: int, person: int) -> list[Withdrawal]:
    """More withdrawals, of somebody whose limits are unused."""
    await world.person(1_000, person=person)
    return await world.queue(count, itd=1, person=person)


async def queue_while_paused(world: World, count: int) -> list[Withdrawal]:
    """Withdrawals that came in while the rail was paused, which now is resumed."""
    await world.fund()
    await world.person(100_000)
    await world.set_rail(RailState.PAUSED)
    withdrawals = await world.queue(count, itd=1)
    await world.set_rail(RailState.RUNNING)
    return withdrawals


async def _linger(worker: Process) -> None:
    for _ in range(_LINGER_TURNS):
        if worker.poll() is not None:
            return
        await asyncio.sleep(0.1)


async def _kill(worker: Process) -> None:
    if worker.poll() is None:
        worker.kill()
    await ended(worker)


async def _mine_at_random(world: World, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(0.05, 0.6))
        await world.node.mine()
