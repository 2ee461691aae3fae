"""Customers: they order and pay in every way there is, each at their own pace, whatever the worker does meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar

from tests.faults.purchases.orders import DUST_MINOR, SPOT_USD, Order
from tests.faults.purchases.purses import CoinPurse, EtherPurse, open_purse
from tests.faults.world import World
from tests.integration.worker.desk import Desk
from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.domain.case import Case, CaseChoice, CaseState
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState, RailState

T = TypeVar("T")

_FIRST_PERSON: Final = 1_000
_FIRST_ADMIN: Final = 5_000
_WINDOW: Final = 400
_PATIENCE_SECONDS: Final = 90.0
_POLL_SECONDS: Final = 0.1


@dataclass
class Customers:
    """Everybody who buys in a world, and the purse that they pay from."""

    world: World
    chance: random.Random
    purse: CoinPurse | EtherPurse
    orders: list[Order] = field(default_factory=list)
    #: Payouts that were asked for: withdrawals and refunds.
    payouts: list[Withdrawal] = field(default_factory=list)
    #: Whether payouts are paid meanwhile.
    rail: RailState = RailState.RUNNING
    #: Nobody mines but who has the turn.
    mining: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ordering: asyncio.Lock = field(default_factory=asyncio.Lock)
    _people: itertools.count[int] = field(default_factory=lambda: itertools.count(_FIRST_PERSON))
    _admins: itertools.count[int] = field(default_factory=lambda: itertools.count(_FIRST_ADMIN))

    @classmethod
    async def enter(cls, world: World, seed: int) -> Customers:
        """Coins in the hot wallet, a price, a watched window of addresses, and a full purse."""
        await world.fund()
        world.ticker.price_usd = SPOT_USD
        purse = await open_purse(world.chain)
        await _watch(world)
        return cls(world, random.Random(seed), purse)

    async def order(self, ending: str, *, itd: int = 10, level: int = 3, late: bool = False) -> Order:
        """Somebody new orders so much whole ITD; ``late``: yesterday."""
        async with self._ordering:
            person, index = next(self._people), len(self.orders)
            await self.world.person(0, person=person, level=level)
            yesterday = await self.world.ports.store.now() - timedelta(days=1)
            fields = {"expires_at": yesterday} if late else {}
            invoice = await self.world.invoice(index, itd, person=person, **fields)
            self.orders.append(Order(ending, invoice, level, late))
            await self.world.set_rail(self.rail, next_index=index + 1)
        await self.pause()
        return self.orders[index]

    async def pay(self, order: Order, coin_minor: int | None = None) -> str:
        """Pays an order, or so much to its address."""
        txid = await self.purse.pay(order.invoice.address, coin_minor or order.invoice.coin_minor)
        await self.pause()
        return txid

    async def pause(self) -> None:
        """Nobody does everything at once."""
        await asyncio.sleep(self.chance.uniform(0, 1.5))

    async def seen(
        self, order: Order, reached: Callable[[Invoice], bool], patience_seconds: float = _PATIENCE_SECONDS
    ) -> bool:
        """Waits until an order's invoice is as it should be; False when patience is at its end."""

        async def look() -> bool:
            found = await self.world.ports.store.get(Invoice, order.invoice.id)
            return found is not None and reached(found)

        return bool(await _until(look, patience_seconds))

    async def case_of(self, order: Order) -> Case:
        """Waits for the case of an order at the desk."""
        where = {"invoice": order.invoice.id, "state": CaseState.OPEN}
        found = await _until(lambda: self.world.ports.store.find(Case, where))
        assert found, f"no case was opened for {order.ending}"
        return found[0]

    async def time_passes(self, order: Order) -> None:
        """The time to pay an order is over."""
        yesterday = await self.world.ports.store.now() - timedelta(days=1)
        every, store = frozenset(InvoiceState), self.world.ports.store

        async def post() -> bool:
            found = await store.get(Invoice, order.invoice.id)
            assert found is not None
            over = Move(Invoice, found.id, every, found.state, {"expires_at": yesterday}, {"state": found.state})
            posting = Posting(f"test:over:{found.id}", "time_passed", "test", changes=(over,))
            try:
                await self.world.ports.ledger.post(posting)
            except Refused:
                return False
            return True

        assert await _until(post)
        order.expired_afterwards = True

    async def decide(self, order: Order, choice: CaseChoice) -> None:
        """An admin decides about the case of an order; who is asked for an address gives one."""
        case, desk = await self.case_of(order), await self.desk_of(order)
        order.choice = choice
        decided = await desk.decide(case, choice)
        if choice is CaseChoice.REFUND:
            order.refund = await desk.ask_back(decided, self.world.chain.fresh_address())
            self.payouts.append(order.refund)

    async def desk_of(self, order: Order) -> Desk:
        """A desk with an admin of its own, because each code of an authenticator counts once."""
        return await Desk.open(self.world, order.person, next(self._admins))

    async def withdraw(self, order: Order, itd: int) -> None:
        """Some of what was bought leaves again."""
        (payout,) = await self.world.queue(1, itd=itd, person=order.person)
        order.spent_minor += payout.total_minor
        self.payouts.append(payout)

    @property
    def dust_minor(self) -> int:
        """Too little to be credited by itself."""
        return DUST_MINOR[self.world.asset]


async def _until(look: Callable[[], Awaitable[T]], patience_seconds: float = _PATIENCE_SECONDS) -> T:
    answer = await look()
    for _ in range(int(patience_seconds / _POLL_SECONDS)):
        if answer:
            break
        await asyncio.sleep(_POLL_SECONDS)
        answer = await look()
    return answer


async def _watch(world: World) -> None:
    """No address is given to anybody before it is watched, as a worker's first pass does it."""
    if world.asset is Asset.ETH:
        await world.set_rail(watched_through=_WINDOW, scanned_height=await world.chain.height())
        return
    addresses = world.ports.addresses[world.asset]
    node: Any = BitcoinLikeNode.of(world.ports.settings.coins(world.asset))
    await node.watch_range(addresses.descriptor(), 0, _WINDOW, addresses.deposit(_WINDOW), None)
    await node.close()
    await world.set_rail(watched_through=_WINDOW, watched_from=await world.chain.height())
