"""What the worker stands on dies while payouts are under way: MongoDB's primary, the node, the connection to it."""

from __future__ import annotations

import asyncio
import random
from typing import Final

from tests.faults.feed import Feed
from tests.faults.ledger.replica_set import ReplicaSet
from tests.faults.trials import Trial, mined_at_random
from tests.faults.world import World

_AWAY_SECONDS: Final = (0.2, 1.5)
_BETWEEN_SECONDS: Final = (0.3, 1.5)
_FINISH_SECONDS: Final = 120.0


async def kill_primaries(world: World, servers: ReplicaSet, kills: int, seed: int) -> Trial:
    """Kills the primary of the world's replica set again and again; it comes back when another took its place."""
    trial, chance, feed = Trial("primaries", f"{world.asset}, seed {seed}"), random.Random(seed), Feed(world)
    await world.fund()
    await feed.payouts(5)
    worker = world.start_worker()
    async with mined_at_random(world, chance):
        for _ in range(kills):
            await feed.payouts(2)
            await asyncio.sleep(chance.uniform(*_BETWEEN_SECONDS))
            await servers.kill(await servers.primary())
            await servers.primary()
            await servers.start()
            trial.done["primaries killed"] += 1
    return await _ended(trial, world, feed, worker.poll() is None)


async def kill_nodes_and_cut(world: World, times: int, seed: int) -> Trial:
    """Kills the worker's node, or cuts its connection after a transaction was handed over, again and again."""
    trial, chance, feed = Trial("nodes", f"{world.asset}, seed {seed}"), random.Random(seed), Feed(world)
    await world.fund()
    await feed.payouts(3)
    async with world.chain.proxied() as proxy:
        worker = world.start_worker(**world.chain.environment(proxy.url, world.final_depth))
        for turn in range(times):
            await feed.payouts(2)
            if turn % 2:
                await _cut(world, proxy.cut_after_requests, lambda: proxy.cuts, trial)
            else:
                await asyncio.sleep(chance.uniform(*_BETWEEN_SECONDS))
                await _kill_node(world, chance, trial)
            await world.chain.mine()
        return await _ended(trial, world, feed, worker.poll() is None)


async def _cut(world: World, cut, cuts, trial: Trial) -> None:
    before = cuts()
    cut(1)
    for _ in range(100):
        if cuts() > before:
            trial.done["answers lost after the request"] += 1
            return
        await asyncio.sleep(0.1)
        await world.chain.mine()
    trial.untried.append(f"{world.asset}: nothing was sent that could be cut")


async def _kill_node(world: World, chance: random.Random, trial: Trial) -> None:
    await world.chain.kill_node()
    await asyncio.sleep(chance.uniform(*_AWAY_SECONDS))
    await world.chain.start_node()
    trial.done["nodes killed"] += 1


async def _ended(trial: Trial, world: World, feed: Feed, alive: bool) -> Trial:
    done = await feed.finish(_FINISH_SECONDS)
    code = await world.stop_worker(world.workers[-1])
    trial.finished = alive and done and code == 0
    trial.verdict, trial.payouts = await feed.verdict(), len(feed.paid)
    if not alive:
        trial.verdict.gaps.append(f"the worker ended by itself with {code}")
    return trial
