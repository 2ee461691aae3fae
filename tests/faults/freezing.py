"""Failpoints that a worker only comes to after its hot wallet was frozen, because what was final is so no more."""

from __future__ import annotations

import asyncio
import signal

from tests.faults.feed import Feed
from tests.faults.points import Needs, needs_of
from tests.faults.trials import Trial
from tests.faults.world import World
from wallet_core.domain.payout import Batch, BatchState

_TURNS = 100
_SECONDS = 30.0


async def kill_while_frozen(world: World, point: str, times: int) -> Trial:
    """Brings the freeze about, then kills so often at the point."""
    trial, feed = Trial("failpoints", f"{world.asset}, {point}"), Feed(world)
    await world.fund()
    await feed.payouts(2)
    foreign = bool(needs_of(point) & Needs.FOREIGN_SPEND)
    if foreign:
        await _send(world, 2)
        await spend_elsewhere(world)
    else:
        await _settle(world, feed)
        await lose_final_blocks(world)
    for _ in range(times):
        worker = world.start_worker(WALLET_FAILPOINT=point)
        for _ in range(_TURNS):
            if worker.poll() is not None:
                break
            await world.chain.mine_empty()
            await asyncio.sleep(0.1)
        trial.kills += await world.stop_worker(worker) == -signal.SIGKILL
    trial.points[point] = trial.kills
    if trial.kills < times:
        trial.untried.append(f"{point}: {trial.kills} of {times}")
    await _judge(world, feed, trial, foreign)
    return trial


async def _judge(world: World, feed: Feed, trial: Trial, foreign: bool) -> None:
    """All is paid once but for what somebody else's transaction kept out, and the wallet is frozen."""
    worker = world.start_worker()
    for _ in range(_TURNS):
        if (await world.rail()).alarm and len(await world.paid()) >= len(feed.paid):
            break
        await world.chain.mine()
        await asyncio.sleep(0.1)
    trial.finished = await world.stop_worker(worker) == 0
    verdict = await world.check(feed.paid)
    if foreign:
        # One of them never came, and what was stolen is nowhere in the books.
        verdict.lost, verdict.wrong = verdict.lost[1:], verdict.wrong[1:]
    verdict.gaps = [gap for gap in verdict.gaps if "hot wallet" not in gap and not (foreign and "is held" in gap)]
    if not (await world.rail()).alarm:
        verdict.gaps.append("nothing froze")
    trial.verdict, trial.payouts = verdict, len(feed.paid)


async def lose_final_blocks(world: World) -> None:
    """The blocks of all batches leave the chain after they were final; no pool has what was in them."""
    heights = [batch.height or 0 for batch in await world.batches()]
    await world.chain.reorganise(await world.chain.height() - min(heights) + 1)
    await world.chain.forget()


async def spend_elsewhere(world: World) -> None:
    """Somebody with the hot wallet's key uses the nonce of what waits, and that becomes final. Ethereum only."""
    await world.chain.forget()
    await world.node.call("anvil_impersonateAccount", world.hot)
    stolen = {"from": world.hot, "to": world.chain.fresh_address(), "value": hex(1)}
    await world.node.call("eth_sendTransaction", stolen)
    await world.chain.mine(world.final_depth + 2)


async def _settle(world: World, feed: Feed) -> None:
    """All is paid, and the worker has seen that it is final: what it never saw so would be no reason to freeze."""
    worker = world.start_worker()
    await feed.finish(_SECONDS)
    await world.chain.mine(world.final_depth)
    for _ in range(_TURNS):
        if (await world.rail()).seen_height >= await world.chain.height():
            break
        await asyncio.sleep(0.1)
    await world.stop_worker(worker)


async def _send(world: World, count: int) -> None:
    worker = world.start_worker()
    for _ in range(_TURNS):
        if await world.ports.store.count(Batch, {"state": BatchState.BROADCAST}) == count:
            break
        await asyncio.sleep(0.1)
    await world.stop_worker(worker)
