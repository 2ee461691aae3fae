"""Kills while payments that were booked leave the chain: credited ones that are spent, and ones that lie aside."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.faults.points import Needs, call_of, needs_of
from tests.faults.purchases.arrived import came_to
from tests.faults.purchases.customers import Customers
from tests.faults.purchases.judging import judge_purchases
from tests.faults.purchases.kills import in_step
from tests.faults.purchases.orders import Order
from tests.faults.trials import Trial
from tests.faults.world import World
from tests.integration.worker.desk import Desk
from wallet_core.domain.case import Case, CaseChoice, CaseState
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.purchase import Invoice, RailState

#: What asks whether a case's refund is under way.
_ABOUT_REFUNDS: Final = "case_lapse:store.get"
_TURNS: Final = 100
_TURNS_PER_BLOCK: Final = 10
#: Fewer than what makes a block of coins final, and than the blocks whose payments go back to the pools.
_MOST_ON_TOP: Final = 5
_POLL_SECONDS: Final = 0.1
#: Of what was bought so much leaves the wallet at once, so that a reversal finds too little.
_SPENT_ITD: Final = 9


async def kill_while_reversing(world: World, points: Sequence[str], times: int) -> Trial:
    """Kills so often at each of the points; every time another payment is to be taken back."""
    trial = Trial("failpoints", f"{world.asset}, payments that leave the chain")
    customers = await Customers.enter(world, 1)
    # Nothing is paid before the end, so that nothing else of the wallet's is in the blocks that leave.
    customers.rail = RailState.PAUSED
    reversals = _Reversals(customers, trial, times)
    await reversals.begin()
    unpooled = [point for point in points if needs_of(point) & Needs.UNPOOLED]
    for point in points:
        if point not in unpooled:
            await reversals.reverse(point)
    for point in unpooled:
        await reversals.forget(point)
    await reversals.finish()
    return trial


@dataclass
class _Reversals:
    customers: Customers
    trial: Trial
    times: int
    #: The block that has every payment.
    height: int = 0
    spent: list[Order] = field(default_factory=list)
    aside: list[tuple[Order, Desk]] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.customers.world

    async def begin(self) -> None:
        """Payments of both kinds, one for each kill and one more; those that are credited are spent."""
        worker = self.world.start_worker()
        await self._scanned()
        for _ in range(self.times + 1):
            self.spent.append(await self.customers.order("spent and taken back"))
            order = await self.customers.order("too small and taken back")
            self.aside.append((order, await self.customers.desk_of(order)))
        for order in self.spent:
            await self.customers.purse.pay(order.invoice.address, order.invoice.coin_minor)
        for order, _ in self.aside:
            await self.customers.purse.pay(order.invoice.address, self.customers.dust_minor)
        await self._mined()
        await self.world.stop_worker(worker)
        for order in self.spent:
            await self.customers.withdraw(order, itd=_SPENT_ITD)

    async def reverse(self, point: str) -> None:
        """All of them leave the chain, and come again once the worker was killed often enough."""
        if call_of(point) == _ABOUT_REFUNDS:
            await self._ask_back()
        await self.world.chain.reorganise(await self.world.chain.height() - self.height + 1)
        await self._kill_at(point)
        await self.customers.purse.pay_again()
        worker = self.world.start_worker()
        await self._taken_back()
        await self._mined()
        await self.world.stop_worker(worker)
        await self.world.set_rail(RailState.PAUSED, alarm=None)

    async def forget(self, point: str) -> None:
        """A payment that the worker has seen is in its node's pool no more, until it is mined."""
        order = await self.customers.order("forgotten for a while")
        worker = self.world.start_worker()
        await self.customers.purse.pay(order.invoice.address, order.invoice.coin_minor)
        assert await self.customers.seen(order, lambda invoice: invoice.pending_minor > 0)
        await self.world.stop_worker(worker)
        await self._kill_at(point, self.world.chain.lose_pool)
        worker = self.world.start_worker()
        await self._mined(keeps_height=True)
        await self.world.stop_worker(worker)

    async def finish(self) -> None:
        """What was asked for is paid, and everything is judged."""
        await self.world.set_rail(RailState.RUNNING, alarm=None)
        worker = self.world.start_worker()
        paid = await self.world.mine_until(PayoutState.SETTLED, self.customers.payouts)
        self.trial.finished = await self.world.stop_worker(worker) == 0 and paid
        self.trial.verdict = await judge_purchases(self.world, self.customers.orders, self.customers.payouts)
        self.trial.payouts = len(self.customers.payouts)

    async def _kill_at(self, point: str, before: Callable[[], Awaitable[None]] | None = None) -> None:
        """So often, with as many tries again; ``before`` is done before each."""
        killed = 0
        for _ in range(2 * self.times):
            if killed == self.times:
                break
            if before is not None:
                await before()
            worker = self.world.start_worker(WALLET_FAILPOINT=point)
            for _ in range(_TURNS):
                if worker.poll() is not None:
                    break
                await asyncio.sleep(_POLL_SECONDS)
            killed += await self.world.stop_worker(worker) == -signal.SIGKILL
        self.trial.kills += killed
        self.trial.points[point] += killed
        if killed < self.times:
            self.trial.untried.append(f"{point}: {killed} of {self.times}")

    async def _ask_back(self) -> None:
        """Refunds of what lies aside are under way, and in no batch."""
        for order, desk in self.aside:
            where = {"invoice": order.invoice.id, "state": CaseState.OPEN}
            (case,) = await self.world.ports.store.find(Case, where)
            await desk.ask_back(await desk.decide(case, CaseChoice.REFUND), self.world.chain.fresh_address())

    async def _scanned(self) -> None:
        for _ in range(_TURNS):
            if (await self.world.rail()).scanned_height >= 0:
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _taken_back(self) -> None:
        """Waits until nothing is booked any more."""
        booked = {"_id": tuple(order.invoice.id for order in self.customers.orders)}
        for _ in range(_TURNS):
            invoices = await self.world.ports.store.find(Invoice, booked, limit=len(booked["_id"]))
            if not any(invoice.booked_minor for invoice in invoices):
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _mined(self, *, keeps_height: bool = False) -> None:
        """All that waits is in the next block, and booked a few blocks later, before it is too deep to leave."""
        height = await self.world.chain.mine()
        if not keeps_height:
            self.height = height
        came = await came_to(self.world.chain, [order.invoice.address for order in self.customers.orders])
        for turn in range(_TURNS):
            if await in_step(self.customers, came):
                return
            if turn % _TURNS_PER_BLOCK == 0 and await self.world.chain.height() < height + _MOST_ON_TOP:
                await self.world.chain.mine()
            await asyncio.sleep(_POLL_SECONDS)
