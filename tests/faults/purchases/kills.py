"""Customers pay in every way while worker after worker is killed at random moments.

First everything only comes in, and blocks with credited payments leave the chain and come again. Then nothing deep
leaves it any more, and coins leave the wallet: deposits are swept, the desk decides, withdrawals and refunds are paid.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from bot.sandbox.coin_node import RETURNED_BLOCKS
from tests.faults.processes import ended
from tests.faults.purchases.arrived import Came, came_to
from tests.faults.purchases.customers import Customers
from tests.faults.purchases.endings import Ending, coming_in, going_out
from tests.faults.purchases.judging import judge_purchases, read_journal
from tests.faults.trials import Trial
from tests.faults.world import World
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.purchase import Invoice, InvoiceState

#: Blocks on top of what may leave the chain no more; on Ethereum what is final is credited at once.
FINAL_DEPTH: Final = {Asset.BTC: 12, Asset.LTC: 12, Asset.ETH: 2}
_DEEPEST: Final = 6
_LONGEST_LIFE_SECONDS: Final = 2.0
#: Of a worker that was just started.
_NOTICED_SECONDS: Final = 10.0
_CALM_SECONDS: Final = 90.0
_POLL_SECONDS: Final = 0.3
_ONE_IN: Final = 25


async def kill_while_paying(world: World, kills: int, seed: int, *, leaves: bool = True) -> Trial:
    """So many kills, half of them before anything leaves the wallet; all of them, unless it ``leaves``."""
    trial = Trial("purchases", f"{world.asset}, seed {seed}")
    customers = await Customers.enter(world, seed)
    first = kills // 2 if leaves else kills
    trial.finished = await _play(customers, trial, coming_in(world.asset), first, deep=True)
    if leaves:
        # What froze the hot wallet was no more than what was done to the chain here; somebody has looked at it.
        await world.set_rail(alarm=None)
        leaving = going_out(world.asset)
        trial.finished &= await _play(customers, trial, leaving, kills - first, deep=False, **world.sweeping)
    trial.verdict = await judge_purchases(world, customers.orders, customers.payouts)
    if not leaves:
        trial.verdict.gaps = [gap for gap in trial.verdict.gaps if "deposit_gone" not in gap]
    trial.payouts = len(customers.payouts)
    trial.done.update(order.ending for order in customers.orders)
    trial.done["credits taken back"] = (await read_journal(world)).reversals.total()
    return trial


async def _play(
    customers: Customers, trial: Trial, endings: Sequence[Ending], kills: int, *, deep: bool, **environment: str
) -> bool:
    """Whether it came to its end: everybody played, workers killed all the while, and one that was left to finish."""
    world, chance = customers.world, customers.chance
    async with _mining(customers, deep=deep), asyncio.TaskGroup() as playing:
        for ending in endings:
            playing.create_task(ending(customers), name=ending.__name__)
        for number in range(kills):
            worker = world.start_worker(**environment)
            if deep and number == kills // 2:
                await _lose_credited(customers)
            await asyncio.sleep(chance.uniform(0.1, _LONGEST_LIFE_SECONDS))
            if worker.poll() is None:
                worker.kill()
            trial.kills += await ended(worker) == -signal.SIGKILL
        worker = world.start_worker(**environment)
    ended_well = await world.stop_worker(worker) == 0
    # Brings to its end what was begun, and begins no sweep of its own.
    worker = world.start_worker()
    finished = await _calm(customers)
    return await world.stop_worker(worker) == 0 and ended_well and finished


@asynccontextmanager
async def _mining(customers: Customers, *, deep: bool) -> AsyncIterator[None]:
    """Blocks at random moments, sometimes none for a while; now and then the newest ones leave the chain."""
    ends, chance = asyncio.Event(), customers.chance

    async def mine() -> None:
        while not ends.is_set():
            pause = chance.uniform(0.1, 0.6) if chance.random() < 0.9 else chance.uniform(1, 2)
            with suppress(TimeoutError):
                await asyncio.wait_for(ends.wait(), pause)
            async with customers.mining:
                if chance.randrange(_ONE_IN) == 0:
                    await _reorganise(customers, _shallow(customers, deep=deep))
                await customers.world.chain.mine()

    mining = asyncio.create_task(mine())
    try:
        yield
    finally:
        # Not cancelled: half a reorganisation would leave the nodes with two branches.
        ends.set()
        await mining


def _shallow(customers: Customers, *, deep: bool) -> int:
    """On Ethereum nothing final leaves the chain by chance."""
    return customers.chance.randint(1, _DEEPEST) if deep and customers.world.asset is not Asset.ETH else 1


async def _reorganise(customers: Customers, depth: int) -> None:
    await customers.world.chain.reorganise(depth)
    await customers.purse.pay_again()


async def _lose_credited(customers: Customers) -> None:
    """Takes a credited payment out of the chain; it is mined again only once a worker may have seen that."""
    world, order = customers.world, await customers.order("lost after its credit")
    await customers.pay(order)
    await customers.seen(order, lambda invoice: invoice.state is InvoiceState.CREDITED)
    async with customers.mining:
        (payment,) = await world.ports.store.find(Payment, {"invoice": order.invoice.id})
        depth = await world.chain.height() - (payment.height or 0) + 1
        await _reorganise(customers, min(depth, RETURNED_BLOCKS))
        await customers.seen(order, lambda invoice: not invoice.received_minor, _NOTICED_SECONDS)


async def _calm(customers: Customers) -> bool:
    """Mines on until the worker is in step with the chain; False when it does not come to that."""
    world = customers.world
    await world.chain.mine(FINAL_DEPTH[world.asset] + 1)
    came = await came_to(world.chain, [order.invoice.address for order in customers.orders])
    for _ in range(int(_CALM_SECONDS / _POLL_SECONDS)):
        await world.chain.mine()
        if not await world.in_flight() and await all_paid(customers) and await in_step(customers, came):
            return True
        await asyncio.sleep(_POLL_SECONDS)
    return False


async def all_paid(customers: Customers) -> bool:
    """Whether every withdrawal and refund is settled."""
    payouts = customers.payouts
    return not payouts or (await customers.world.states(*payouts))[PayoutState.SETTLED] == len(payouts)


async def in_step(customers: Customers, came: Mapping[str, Came]) -> bool:
    """Whether nothing is under way any more; whether it ended rightly is not asked here."""
    for order in customers.orders:
        present = await customers.world.ports.store.get(Invoice, order.invoice.id)
        if present is None or present.pending_minor or present.booked_minor != came[order.invoice.address].total_minor:
            return False
        # What was paid in part is over as well once the rest of its limit was given back.
        if order.has_lapsed and not (present.limit_returned or present.fulfilled):
            return False
    return True
