"""What a buyer may do, each of them with an end of its own: what becomes of it is the card company's to say."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import httpx

from tests.faults.cards.customers import Customers, Story
from tests.support.card_company import KEY
from wallet_core.domain.errors import Refused


async def paid(they: Customers) -> None:
    await they.act(await they.orders(), "pay")


async def paid_in_two_tabs(they: Customers) -> None:
    """Both buttons are pressed at once, on the page itself; the second tab may take the bank."""
    invoice = await they.orders()
    page = f"{they.world.company.address}/pay/{invoice.address}"
    buttons = ("pay", they.chance.choice(("pay", "pay-later")))
    async with httpx.AsyncClient() as browser:
        await asyncio.gather(*(browser.post(f"{page}/{button}") for button in buttons))


async def declined_and_paid(they: Customers) -> None:
    invoice = await they.orders()
    await they.act(invoice, "decline")
    await they.pauses()
    await they.act(invoice, "pay")


async def paid_by_a_bank(they: Customers) -> None:
    await they.buys(how="pay-later")


async def not_paid_by_a_bank(they: Customers) -> None:
    invoice = await they.orders()
    await they.act(invoice, "pay-later")
    await they.is_pending(invoice)
    await they.act(invoice, "fail")


async def expired(they: Customers) -> None:
    await they.act(await they.orders(), "expire")


async def abandoned(they: Customers) -> None:
    """Its time ends with the day."""
    await they.orders()


async def refunded_by_an_admin(they: Customers) -> None:
    invoice = await they.buys()
    if await they.refund(invoice) and they.chance.random() < 0.5:
        await they.is_refunded(invoice)
        await they.pauses()
        await they.act(invoice, "fail-refund")


async def refunded_to_a_bank(they: Customers) -> None:
    invoice = await they.buys(how="pay-later")
    if await they.refund(invoice):
        await they.is_refunded(invoice)
        await they.pauses()
        await they.act(invoice, they.chance.choice(("settle-refund", "fail-refund")))


async def refunded_elsewhere(they: Customers) -> None:
    """In two parts, the first perhaps before our first look, and the second may fail."""
    invoice = await they.orders()
    await they.act(invoice, "pay")
    if they.chance.random() < 0.5:
        await they.is_credited(invoice)
    await they.act(invoice, "refund", amount=3_33)
    await they.pauses()
    if await they.act(invoice, "refund") and they.chance.random() < 0.3:
        await they.pauses()
        await they.act(invoice, "fail-refund")


async def disputed(they: Customers) -> None:
    """After a part was spent, perhaps; what is lost then is a debt."""
    person, friend = await they.world.wallet.person(level=3), await they.world.wallet.person(level=3)
    invoice = await they.buys(person)
    if they.chance.random() < 0.5:
        await they.send(person, friend, "7")
    await they.act(invoice, "dispute")
    await they.pauses()
    await they.act(invoice, they.chance.choice(("lose", "win")))
    await they.pauses()
    with suppress(Refused):
        await they.buys(person)


async def disputed_while_refunded(they: Customers) -> None:
    invoice = await they.buys()
    refunding = asyncio.create_task(they.refund(invoice))
    await they.pauses()
    await they.act(invoice, "dispute", amount=10_10)
    await refunding
    await they.pauses()
    await they.act(invoice, they.chance.choice(("lose", "win")))


async def disputed_while_a_bank_is_refunded(they: Customers) -> None:
    """Both claim the same dollars; the refund, which was first, fails after the dispute was lost."""
    invoice = await they.buys(how="pay-later")
    if await they.refund(invoice):
        await they.is_refunded(invoice)
        await they.act(invoice, "dispute", amount=10_10)
        await they.pauses()
        await they.act(invoice, "lose")
        await they.pauses()
        await they.act(invoice, "fail-refund")


async def refunded_and_then_disputed_and_lost(they: Customers) -> None:
    """The same dollars, or some of them, go twice; and the refund may fail after all."""
    invoice = await they.buys()
    await they.act(invoice, "refund", amount=they.chance.choice((3_33, 10_10)))
    await they.pauses()
    await they.act(invoice, "dispute", amount=10_10)
    await they.pauses()
    await they.act(invoice, "lose")
    await they.pauses()
    if they.chance.random() < 0.3:
        await they.act(invoice, "fail-refund")


async def in_debt(they: Customers) -> None:
    """Spends all, has it refunded, and gets a part from the friend, which is taken for the debt."""
    person, friend = await they.world.wallet.person(level=3), await they.world.wallet.person(level=3)
    invoice = await they.buys(person)
    await they.send(person, friend, "10")
    await they.act(invoice, "refund")
    await they.owes(person)
    await they.send(friend, person, "4")


async def sold_elsewhere(they: Customers) -> None:
    """Another program with the same account sells something."""
    item = "line_items[0]"
    form = {
        "mode": "payment", "success_url": "http://elsewhere.invalid", f"{item}[quantity]": "1",
        f"{item}[price_data][currency]": "usd", f"{item}[price_data][unit_amount]": "500",
        f"{item}[price_data][product_data][name]": "A hat",
    }  # fmt: skip
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as client:
        made = await client.post(f"{they.world.company.address}/v1/checkout/sessions", data=form)
    if made.is_success:
        await they.world.company.act(made.json()["id"], "pay")


STORIES: Final[tuple[Story, ...]] = (
    paid,
    paid_in_two_tabs,
    declined_and_paid,
    paid_by_a_bank,
    not_paid_by_a_bank,
    expired,
    abandoned,
    refunded_by_an_admin,
    refunded_to_a_bank,
    refunded_elsewhere,
    disputed,
    disputed_while_refunded,
    disputed_while_a_bank_is_refunded,
    refunded_and_then_disputed_and_lost,
    in_debt,
    sold_elsewhere,
)
