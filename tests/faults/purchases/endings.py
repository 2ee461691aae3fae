"""How an order may end; each ending is played by one customer, and judged by ``orders.outcome_of``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from tests.faults.purchases.customers import Customers
from tests.faults.purchases.purses import CoinPurse, EtherPurse
from wallet_core.domain.case import CaseChoice
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import InvoiceState

Ending = Callable[[Customers], Coroutine[Any, Any, None]]


async def exact(customers: Customers) -> None:
    """Paid as asked."""
    await customers.pay(await customers.order("exact"))


async def under(customers: Customers) -> None:
    """Paid in part."""
    order = await customers.order("under")
    await customers.pay(order, order.invoice.coin_minor // 2)


async def over(customers: Customers) -> None:
    """Paid twice over at once."""
    order = await customers.order("over")
    await customers.pay(order, 2 * order.invoice.coin_minor)


async def several(customers: Customers) -> None:
    """Paid in three payments."""
    order = await customers.order("several")
    third_minor = order.invoice.coin_minor // 3
    for coin_minor in (third_minor, third_minor, order.invoice.coin_minor - 2 * third_minor):
        await customers.pay(order, coin_minor)


async def unpaid(customers: Customers) -> None:
    """Never paid."""
    await customers.order("unpaid", late=True)


async def late(customers: Customers) -> None:
    """Paid a day late."""
    await customers.pay(await customers.order("late", late=True))


async def to_old_address(customers: Customers) -> None:
    """Paid after the order was ended."""
    order = await customers.order("to an old address", late=True)
    assert await customers.seen(order, lambda invoice: invoice.state is InvoiceState.EXPIRED)
    await customers.pay(order)


async def part_paid(customers: Customers) -> None:
    """Paid in part, and the rest never came."""
    order = await customers.order("part paid and expired")
    await customers.pay(order, order.invoice.coin_minor // 2)
    assert await customers.seen(order, lambda invoice: invoice.state is InvoiceState.CREDITED)
    await customers.time_passes(order)


async def too_small(customers: Customers) -> None:
    """Too little to be credited, and nobody has decided."""
    await customers.pay(await customers.order("too small"), customers.dust_minor)


async def completed(customers: Customers) -> None:
    """First too little, then the rest."""
    order = await customers.order("too small, then the rest")
    await customers.pay(order, customers.dust_minor)
    await customers.case_of(order)
    await customers.pay(order, order.invoice.coin_minor - customers.dust_minor)


async def above_limit(customers: Customers) -> None:
    """More than the day's limit, of which the order has all."""
    order = await customers.order("above the limit", itd=500, level=1)
    await customers.pay(order, 2 * order.invoice.coin_minor)


async def replaced(customers: Customers) -> None:
    """The payment is seen, and then its coins are spent otherwise."""
    purse = customers.purse
    assert isinstance(purse, CoinPurse)
    order = await customers.order("replaced")
    async with customers.mining:
        txid = await customers.pay(order)
        await customers.pause()
        if not await purse.replace(txid):
            order.ending = "not replaced in time"


async def through_contract(customers: Customers) -> None:
    """No transaction leads to the address: a contract pays."""
    purse = customers.purse
    assert isinstance(purse, EtherPurse)
    order = await customers.order("through a contract")
    await purse.pay_through_contract(order.invoice.address, order.invoice.coin_minor)


async def after_its_sweep(customers: Customers) -> None:
    """A second payment comes when the first one was moved to the hot wallet."""
    order = await customers.order("paid again after its sweep", late=True)
    await customers.pay(order)
    assert await customers.seen(order, lambda invoice: invoice.swept_minor > 0)
    await customers.pay(order)


async def withdrawn(customers: Customers) -> None:
    """What was bought leaves again, through the queue of payouts."""
    order = await customers.order("withdrawn")
    await customers.pay(order)
    assert await customers.seen(order, lambda invoice: invoice.state is InvoiceState.CREDITED)
    await customers.withdraw(order, itd=2)


def _decided(choice: CaseChoice, ending: str) -> Ending:
    async def play(customers: Customers) -> None:
        order = await customers.order(ending)
        await customers.pay(order, customers.dust_minor)
        await customers.decide(order, choice)

    return play


refunded: Final = _decided(CaseChoice.REFUND, "too small, refunded")
credited_at_desk: Final = _decided(CaseChoice.CREDIT, "too small, credited at the desk")
kept: Final = _decided(CaseChoice.KEEP, "too small, kept")

_COMING_IN: Final = (
    exact, under, over, several, unpaid, late, to_old_address, part_paid, too_small, completed, above_limit,
)  # fmt: skip
_GOING_OUT: Final = (after_its_sweep, withdrawn, refunded, credited_at_desk, kept)


def coming_in(asset: Asset) -> tuple[Ending, ...]:
    """Every ending before anything leaves the wallet."""
    return (*_COMING_IN, through_contract if asset is Asset.ETH else replaced)


def going_out(asset: Asset) -> tuple[Ending, ...]:
    """Endings while deposits are swept and the desk decides, and among them some that only come in."""
    return (*_GOING_OUT, exact, late, several, through_contract if asset is Asset.ETH else replaced)
