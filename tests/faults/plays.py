"""Short plays with one fault each; every one ends in a verdict. A sound worker passes all of them.

Those of this file are for every chain, but where it says so; ``ether_plays`` has those of Ethereum, ``purchase_plays``
those of money that comes in.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from payout_worker.state_file import StateFile
from tests.faults.coin_chain import COIN_MINOR
from tests.faults.processes import Process, ended
from tests.faults.rivals import pause_the_holder
from tests.faults.verdict import Verdict
from tests.faults.world import World
from wallet_core.domain.payout import Batch, BatchState, PayoutState, Withdrawal

Play = Callable[[World], Awaitable[Verdict]]

_SECONDS: Final = 20.0
#: One input and one output at the rate that is paid where a node has no estimate, and less than change is worth.
_ONE_INPUT_FEE_MINOR: Final = 1_400
#: Longer than the worker waits until it offers more.
_BUMP_SECONDS: Final = 2.5


async def begin(world: World, count: int, **environment: str) -> tuple[list[Withdrawal], Process]:
    """Money, one person, so many payouts, and a worker."""
    await world.fund()
    await world.person(1_000)
    return await world.queue(count, itd=1), world.start_worker(**environment)


async def settled(world: World, withdrawals: Sequence[Withdrawal]) -> Verdict:
    """Lets it go on to the end, and tells what is wrong then; an alarm is wrong too."""
    ended_well = await world.mine_until(PayoutState.SETTLED, withdrawals, seconds=_SECONDS)
    verdict = await world.check(withdrawals)
    if not ended_well:
        verdict.gaps.append("it does not come to an end")
    if alarm := (await world.rail()).alarm:
        verdict.gaps.append(f"the alarm says {alarm}")
    return verdict


async def until(reached: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> bool:
    """Whether it was reached within so long."""
    for _ in range(int(seconds / 0.05)):
        if await reached():
            return True
        await asyncio.sleep(0.05)
    return False


async def _are_out(world: World, withdrawals: Sequence[Withdrawal]) -> bool:
    return await until(lambda: all_in(world, BatchState.BROADCAST, withdrawals))


async def all_in(world: World, state: BatchState, withdrawals: Sequence[Withdrawal]) -> bool:
    """Whether batches in this state have as many payouts as these are."""
    batches = await world.ports.store.find(Batch, {"state": state})
    return sum(len(batch.payouts) for batch in batches) == len(withdrawals)


async def _none_in(world: World, state: BatchState) -> bool:
    return not await world.ports.store.count(Batch, {"state": state})


async def undisturbed(world: World) -> Verdict:
    """Nothing goes wrong."""
    withdrawals, _ = await begin(world, 2)
    return await settled(world, withdrawals)


async def killed_before_it_is_saved(world: World) -> Verdict:
    """SIGKILL right before the signed bytes are saved; blocks are mined before the next life."""
    withdrawals, worker = await begin(world, 2, WALLET_FAILPOINT="sign_batch:ledger.post:before")
    if await ended(worker, 30) != -signal.SIGKILL:
        return Verdict(gaps=["it was not killed"])
    await world.chain.mine(world.final_depth + 1)
    world.start_worker()
    return await settled(world, withdrawals)


async def killed_before_it_is_sent(world: World) -> Verdict:
    """SIGKILL when the bytes are saved and not sent; then more payouts come, before and after the next life begins."""
    first, worker = await begin(world, 1, WALLET_FAILPOINT="broadcast_batch:node.broadcast:before")
    if await ended(worker, 30) != -signal.SIGKILL:
        return Verdict(gaps=["it was not killed"])
    more = await world.queue(2, itd=1)
    world.start_worker()
    await _are_out(world, [*first, *more])
    return await settled(world, [*first, *more, *await world.queue(1, itd=1)])


async def reorganised(world: World) -> Verdict:
    """The newest block, with a payout in it, leaves the chain and every pool."""
    withdrawals, _ = await begin(world, 1)
    await _are_out(world, withdrawals)
    await world.chain.mine()
    await until(lambda: _none_in(world, BatchState.BROADCAST))
    # Long enough for whoever settles too early, and then for whoever notices.
    await asyncio.sleep(1.5)
    early = (await world.states(*withdrawals))[PayoutState.SETTLED]
    await world.chain.reorganise(1)
    await world.chain.forget()
    await asyncio.sleep(1)
    verdict = await settled(world, withdrawals)
    if early:
        verdict.gaps.append("it was settled after one block")
    return verdict


async def dropped(world: World) -> Verdict:
    """The nodes forget the transactions of their pools; then another payout is asked for."""
    withdrawals, _ = await begin(world, 2, **{f"{world.asset}_BUMP_AFTER_SECONDS": "600"})
    await _are_out(world, withdrawals)
    await world.chain.forget()
    return await _settled_with_another(world, withdrawals)


async def request_lost_with_one_coin(world: World) -> Verdict:
    """For a while nothing reaches the node, and another payout comes. The wallet has but one coin."""
    await world.fund(coins=1)
    await world.person(1_000)
    async with world.chain.proxied() as proxy:
        proxy.swallows = True
        withdrawals = await world.queue(1, itd=1)
        world.start_worker(**world.chain.environment(proxy.url, world.final_depth))
        await _are_out(world, withdrawals)
        withdrawals += await world.queue(1, itd=1)
        # Time to form it, too.
        await asyncio.sleep(2.5)
        proxy.swallows = False
        return await settled(world, withdrawals)


async def _settled_with_another(world: World, withdrawals: list[Withdrawal]) -> Verdict:
    another = await world.queue(1, itd=1)
    # Time to form it before a block comes.
    await asyncio.sleep(2.5)
    return await settled(world, [*withdrawals, *another])


async def answer_lost(world: World) -> Verdict:
    """The node has a transaction, and the worker gets no answer; nor is it mined for a while."""
    await world.fund()
    await world.person(1_000)
    async with world.chain.proxied() as proxy:
        withdrawals = await world.queue(1, itd=1)
        proxy.cut_after_requests(1)
        world.start_worker(**world.chain.environment(proxy.url, world.final_depth))
        await until(lambda: _is_cut(proxy.cuts))
        for _ in range(8):
            await asyncio.sleep(0.6)
            await world.chain.mine_empty()
        return await settled(world, withdrawals)


async def _is_cut(cuts: int) -> bool:
    return cuts > 0


async def slow(world: World) -> Verdict:
    """Blocks pass a payout over for a while, and then it is mined after all."""
    withdrawals, _ = await begin(world, 1)
    await _are_out(world, withdrawals)
    for _ in range(8):
        await asyncio.sleep(0.6)
        await world.chain.mine_empty()
    return await settled(world, withdrawals)


async def spent_before_it_was_saved(world: World) -> Verdict:
    """Killed after a transaction went out; when the next life begins it is mined, and its only output spent.

    Nodes say of it then what they say of one whose coins never were. Chains of coins only.
    """
    await world.fund(coins=1)
    await world.person(1_000)
    # All there is but the fee, so that nothing comes back.
    whole = {"address": await world.chain.own_address(), "coin_minor": COIN_MINOR - _ONE_INPUT_FEE_MINOR}
    withdrawals = await world.queue(1, itd=1, **whole)
    worker = world.start_worker(WALLET_FAILPOINT="broadcast_batch:node.broadcast:after")
    if await ended(worker, 30) != -signal.SIGKILL:
        return Verdict(gaps=["it was not killed"])
    await world.chain.mine()
    (attempt,) = await world.attempts()
    if len(attempt.change_minor):
        return Verdict(gaps=["something came back to the hot wallet"])
    await world.chain.spend(attempt.txid, 0)
    await world.chain.mine()
    world.start_worker()
    return await settled(world, withdrawals)


async def behind_an_unmined_payout(world: World) -> Verdict:
    """A second payout comes while the first waits unmined and its fee is raised. The wallet has but one coin."""
    await world.fund(coins=1)
    await world.person(1_000)
    first = await world.queue(1, itd=1)
    world.start_worker()
    await _are_out(world, first)
    second = await world.queue(1, itd=1)
    await asyncio.sleep(_BUMP_SECONDS)
    for _ in range(3):
        await world.chain.mine_empty()
        await asyncio.sleep(0.8)
    ours = {attempt.txid for attempt in await world.attempts()}
    spent = [utxo for batch in await world.batches() for utxo in batch.inputs if utxo.partition(":")[0] in ours]
    verdict = await settled(world, [*first, *second])
    verdict.gaps += [f"{utxo} was spent before it was mined" for utxo in spent]
    return verdict


async def a_stale_state_file(world: World) -> Verdict:
    """A worker's file knows of one batch in flight, and MongoDB of two."""
    withdrawals, worker = await begin(world, 1)
    await _are_out(world, withdrawals)
    await world.stop_worker(worker)
    before = StateFile(world.folder / "worker", "payout").load()
    worker = world.start_worker()
    withdrawals += await world.queue(1, itd=1)
    await _are_out(world, withdrawals)
    await world.stop_worker(worker)
    file = StateFile(world.folder / "worker", "payout")
    after = file.load()
    if before is None or after is None:
        return Verdict(gaps=["there is no state file"])
    file.save("step", after.epochs, before.items)
    world.start_worker()
    return await settled(world, withdrawals)


async def paused_past_its_lease(world: World) -> Verdict:
    """Of two workers the one that has the lease is paused until the other has it, and wakes up."""
    trial = await pause_the_holder(world, rounds=5, seed=1)
    if not trial.finished:
        trial.verdict.gaps.append("it does not come to an end")
    return trial.verdict


async def tampered(world: World) -> Verdict:
    """Somebody who writes into the database changes the address of a queued payout."""
    await world.fund()
    await world.person(1_000)
    changed, sound = await world.queue(2, itd=1)
    elsewhere = {"$set": {"address": world.chain.fresh_address()}}
    await world.database["withdrawals"].update_one({"_id": changed.id}, elsewhere)
    world.start_worker()
    await world.mine_until(PayoutState.SETTLED, [sound], seconds=_SECONDS)
    return await world.check([sound], still_held_minor=changed.total_minor)


#: For every chain, and for chains of coins. Those of Ethereum are in ``ether_plays``.
EVERYWHERE: tuple[Play, ...] = (
    undisturbed,
    killed_before_it_is_saved,
    killed_before_it_is_sent,
    reorganised,
    dropped,
    answer_lost,
    slow,
    tampered,
    a_stale_state_file,
    paused_past_its_lease,
)
OF_COINS: tuple[Play, ...] = (behind_an_unmined_payout, request_lost_with_one_coin, spent_before_it_was_saved)
