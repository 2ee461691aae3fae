"""Short plays of customers with one fault each, on every chain; see ``tests.faults.plays``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Final

from tests.faults.plays import Play
from tests.faults.processes import Process, ended
from tests.faults.purchases.arrived import came_to
from tests.faults.purchases.customers import Customers
from tests.faults.purchases.judging import judge_purchases
from tests.faults.purchases.kills import all_paid, in_step
from tests.faults.purchases.orders import Order
from tests.faults.purchases.purses import CoinPurse
from tests.faults.verdict import Verdict
from tests.faults.world import World
from wallet_core.domain.case import CaseChoice
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Invoice, InvoiceState

_TURNS: Final = 60
_NOTICED_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.2
#: Enough for a credit on every chain.
_BLOCKS: Final = 3


async def bought(world: World) -> Verdict:
    """Nothing goes wrong."""
    customers, worker = await _begin(world)
    await customers.pay(await customers.order("bought"))
    return await _judged(customers, worker)


async def never_paid(world: World) -> Verdict:
    """The time to pay is over."""
    customers, worker = await _begin(world)
    order = await customers.order("never paid", late=True)
    await _look_on(customers, order, lambda invoice: invoice.state is not InvoiceState.OPEN)
    return await _judged(customers, worker)


async def killed_as_it_is_credited(world: World) -> Verdict:
    """SIGKILL right after the credit was posted."""
    customers, worker = await _begin(world)
    await world.stop_worker(worker)
    await _pay(customers, await customers.order("killed as it is credited"))
    await world.chain.mine(_BLOCKS - 1)
    return await _killed_and_judged(customers, "credit:ledger.post:after")


async def killed_before_it_is_written_down(world: World) -> Verdict:
    """SIGKILL when a mined payment was seen and nothing was written yet."""
    customers, worker = await _begin(world)
    await world.stop_worker(worker)
    await _pay(customers, await customers.order("killed before it is written down"))
    module = "deposits" if world.asset is Asset.ETH else "coin_deposits"
    return await _killed_and_judged(customers, f"{module}:ledger.post:before")


async def comes_again(world: World) -> Verdict:
    """A credited payment leaves the chain and is mined again."""
    customers, worker = await _begin(world)
    order = await customers.order("comes again")
    height = await _pay(customers, order)
    await _look_on(customers, order, lambda invoice: invoice.received_minor > 0)
    await world.chain.reorganise(await world.chain.height() - height + 1)
    await customers.seen(order, lambda invoice: not invoice.received_minor, _NOTICED_SECONDS)
    # On Ethereum it was final; somebody has looked at that.
    await world.set_rail(alarm=None)
    await customers.purse.pay_again()
    return await _judged(customers, worker)


async def replaced_after_its_credit(world: World) -> Verdict:
    """A credited payment leaves the chain, and its coins are spent otherwise. Chains of coins only."""
    customers, worker = await _begin(world)
    assert isinstance(customers.purse, CoinPurse)
    order = await customers.order("replaced after its credit")
    txid = await customers.purse.pay(order.invoice.address, order.invoice.coin_minor)
    height = await world.chain.mine()
    await _look_on(customers, order, lambda invoice: invoice.received_minor > 0)
    await world.chain.reorganise(await world.chain.height() - height + 1)
    if not await customers.purse.replace(txid):
        return Verdict(gaps=["it was not replaced"])
    await customers.seen(order, lambda invoice: not invoice.received_minor, _NOTICED_SECONDS)
    # So many blocks were mined meanwhile that it counts as final; somebody has looked at that.
    await world.set_rail(alarm=None)
    return await _judged(customers, worker)


async def refunded_and_killed(world: World) -> Verdict:
    """SIGKILL right before the signed refund of a payment that was too small is saved."""
    customers, worker = await _begin(world)
    order = await customers.order("refunded")
    await customers.purse.pay(order.invoice.address, customers.dust_minor)
    await world.chain.mine(_BLOCKS)
    await customers.case_of(order)
    await world.stop_worker(worker)
    await customers.decide(order, CaseChoice.REFUND)
    return await _killed_and_judged(customers, "sign_batch:ledger.post:before")


async def swept(world: World) -> Verdict:
    """What was credited moves to the hot wallet."""
    customers, worker = await _begin(world, **world.sweeping)
    order = await customers.order("swept", late=True)
    await _pay(customers, order)
    await _look_on(customers, order, lambda invoice: invoice.received_minor > 0)
    for _ in range(_TURNS):
        batches = await world.batches()
        if batches and not await world.in_flight():
            break
        await world.chain.mine()
        await asyncio.sleep(_POLL_SECONDS)
    else:
        return Verdict(gaps=["nothing is swept"])
    return await _judged(customers, worker)


PLAYS: tuple[Play, ...] = (
    bought,
    never_paid,
    killed_as_it_is_credited,
    killed_before_it_is_written_down,
    comes_again,
    refunded_and_killed,
    swept,
)
OF_COINS: tuple[Play, ...] = (replaced_after_its_credit,)


async def _begin(world: World, **environment: str) -> tuple[Customers, Process]:
    return await Customers.enter(world, 1), world.start_worker(**environment)


async def _pay(customers: Customers, order: Order) -> int:
    """Pays; returns the block that has it."""
    await customers.purse.pay(order.invoice.address, order.invoice.coin_minor)
    return await customers.world.chain.mine()


async def _look_on(customers: Customers, order: Order, reached: Callable[[Invoice], bool]) -> None:
    """Waits until an invoice is as it should be, with as few blocks as that takes."""
    await customers.world.chain.mine(_BLOCKS - 1)
    await customers.seen(order, reached)


async def _killed_and_judged(customers: Customers, point: str) -> Verdict:
    worker = customers.world.start_worker(WALLET_FAILPOINT=point)
    if await ended(worker, 30) != -signal.SIGKILL:
        return Verdict(gaps=["it was not killed"])
    await customers.world.chain.mine()
    return await _judged(customers, customers.world.start_worker())


async def _judged(customers: Customers, worker: Process) -> Verdict:
    """Lets it go on to the end, and for a while longer."""
    world = customers.world
    await world.chain.mine(_BLOCKS)
    came = await came_to(world.chain, [order.invoice.address for order in customers.orders])
    for _ in range(_TURNS):
        if not await world.in_flight() and await all_paid(customers) and await in_step(customers, came):
            break
        await world.chain.mine()
        await asyncio.sleep(_POLL_SECONDS)
    await world.chain.mine()
    await asyncio.sleep(1)
    left = await world.stop_worker(worker)
    verdict = await judge_purchases(world, customers.orders, customers.payouts)
    if left:
        verdict.gaps.append(f"the worker ended with {left}")
    return verdict
