"""Blocks leave the chain, in each state of a batch and to each depth: within the final depth nothing may be lost or
doubled and no alarm be raised; deeper than that the hot wallet must freeze, and still nobody be paid twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tests.faults.feed import Feed
from tests.faults.trials import Trial
from tests.faults.world import World
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, BatchState, PayoutState, Withdrawal

#: The depths that are tried, and a final depth that is more than all of them.
DEPTHS: Final = {Asset.BTC: (1, 2, 6, 13, 20), Asset.LTC: (1, 2, 6, 13, 20), Asset.ETH: (1, 3, 16, 64)}
WITHIN: Final = {Asset.BTC: 24, Asset.LTC: 24, Asset.ETH: 70}
#: Ether is settled when it is final, and not before.
STATES: Final = {
    Asset.BTC: (BatchState.BROADCAST, BatchState.CONFIRMED, BatchState.SETTLED),
    Asset.LTC: (BatchState.BROADCAST, BatchState.CONFIRMED, BatchState.SETTLED),
    Asset.ETH: (BatchState.BROADCAST, BatchState.CONFIRMED),
}
_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.05


def settings_for(asset: Asset, state: BatchState) -> dict[str, str]:
    """The worker's settings under which a batch stays in this state while blocks are mined on it."""
    if asset is Asset.ETH:
        return {"ETH_BUMP_AFTER_SECONDS": "600"}
    confirmations = "1" if state is BatchState.SETTLED else "22"
    named = {"CONFIRMATIONS": confirmations, "LARGE_CONFIRMATIONS": confirmations, "BUMP_AFTER_SECONDS": "600"}
    return {f"{asset}_{name}": value for name, value in named.items()}


async def reorganise_in(world: World, state: BatchState, depths: tuple[int, ...]) -> Trial:
    """A batch in this state, and blocks that leave the chain, for each depth. The world's final depth is above all."""
    trial = Trial("reorganisations", f"{world.asset}, {state}, {depths}")
    feed = Feed(world)
    await world.fund()
    worker = world.start_worker()
    trial.finished = True
    for depth in depths:
        reached = await _bring_to(world, feed, state, depth)
        await world.chain.reorganise(depth)
        back = state is BatchState.BROADCAST or await _until(lambda: _left(world, state))
        trial.done[f"{world.asset} {state} depth {depth}"] += reached and back
        if not (reached and back):
            trial.untried.append(f"{world.asset}: depth {depth} in {state}: reached {reached}, noticed {back}")
        trial.finished &= await feed.finish(_SECONDS)
    trial.finished &= await world.stop_worker(worker) == 0
    trial.verdict, trial.payouts = await feed.verdict(), len(feed.paid)
    return trial


async def reorganise_final(world: World, depth: int) -> Trial:
    """A settled batch whose block is final leaves the chain: alarm and freeze, and it is paid once all the same."""
    trial = Trial("reorganisations", f"{world.asset}, deeper than final: {depth}")
    feed = Feed(world)
    await world.fund()
    await feed.payouts(1)
    worker = world.start_worker()
    settled = await feed.finish(_SECONDS)
    (batch,) = await world.batches()
    more = (batch.height or 0) + depth - 1 - await world.chain.height()
    if more > 0:
        await world.chain.mine(more)
    await _until(lambda: _saw(world))
    await world.chain.reorganise(await world.chain.height() - (batch.height or 0) + 1)
    alarmed = await _until(lambda: _is_frozen(world), mines=world)
    # Whatever is asked for now waits.
    waiting = await world.queue(1, itd=1)
    paid = await _until(lambda: _is_paid(world, feed.paid), mines=world)
    trial.finished = await world.stop_worker(worker) == 0 and settled and paid
    trial.done[f"{world.asset} final, depth {depth}"] += 1
    verdict = await world.check(feed.paid, still_held_minor=waiting[0].total_minor)
    # Mined again, gas has another price; the books have that of the first time until somebody looks.
    verdict.gaps = [gap for gap in verdict.gaps if world.asset is not Asset.ETH or "hot wallet" not in gap]
    if not alarmed:
        verdict.gaps.append("final blocks left the chain and nothing froze")
    trial.verdict, trial.payouts = verdict, 1
    return trial


async def _bring_to(world: World, feed: Feed, state: BatchState, depth: int) -> bool:
    """A new batch in this state, whose block is as many blocks deep; in none, where it waits."""
    await feed.payouts(1)
    if not await _until(lambda: _has(world, BatchState.BROADCAST)):
        return False
    if state is BatchState.BROADCAST:
        for _ in range(depth):
            await world.chain.mine_empty()
        return True
    await world.chain.mine()
    if not await _until(lambda: _left(world, BatchState.BROADCAST)):
        return False
    if depth > 1:
        await world.chain.mine(depth - 1)
    return await _until(lambda: _saw(world)) and await _until(lambda: _is_newest(world, feed.paid[-1], state))


async def _is_newest(world: World, withdrawal: Withdrawal, state: BatchState) -> bool:
    batches = await world.ports.store.find(Batch, {"state": state})
    return any(withdrawal.id in batch.payouts for batch in batches)


async def _has(world: World, state: BatchState) -> bool:
    return bool(await world.ports.store.count(Batch, {"state": state}))


async def _left(world: World, state: BatchState) -> bool:
    """Whether the newest batch is in this state no more."""
    return (await world.batches())[-1].state is not state


async def _saw(world: World) -> bool:
    return (await world.rail()).seen_height >= await world.chain.height()


async def _is_frozen(world: World) -> bool:
    return (await world.rail()).alarm is not None


async def _is_paid(world: World, withdrawals: list[Withdrawal]) -> bool:
    paid = await world.paid()
    states = await world.states(*withdrawals)
    return states[PayoutState.SETTLED] == len(withdrawals) and all(w.address in paid for w in withdrawals)


async def _until(reached: Callable[[], Awaitable[bool]], seconds: float = 15.0, *, mines: World | None = None) -> bool:
    for _ in range(int(seconds / _POLL_SECONDS)):
        if await reached():
            return True
        if mines is not None:
            await mines.chain.mine()
        await asyncio.sleep(_POLL_SECONDS)
    return False
