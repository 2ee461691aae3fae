"""The card rail on the ledger in memory: for what has to be played a few hundred times."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from payout_worker.failpoints import OnPoint
from tests.integration.cards.rail import Rail, open_rail
from tests.support.card_company import KEY, Company, open_company
from tests.unit.wallet_core.world import Clock, World
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.refund_card_purchase import refund_card_purchase

SECRET = "whsec_of_the_tests"


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[tuple[World, Company]]:
    """A wallet in memory, and the stand-in for Stripe."""
    clock = Clock()
    async with open_company(folder / "stripe", lambda: clock().timestamp()) as company:
        settings = {"stripe_api_key": KEY, "stripe_api_base": company.address, "stripe_webhook_secret": SECRET}
        world = World(**settings)
        world.clock = world.memory.clock = world.rates._clock = clock
        yield world, company


@asynccontextmanager
async def open_worker(
    world: World, company: Company, folder: Path, on_point: OnPoint = lambda _point: None
) -> AsyncIterator[Rail]:
    """The unit, in one life of the worker."""
    async with open_rail(world.ports, company, folder / "worker", on_point) as rail:
        yield rail


async def ordered_unseen(world: World, caller: Caller, itd: str = "10") -> Invoice:
    """An order that the worker has not looked at."""
    quote = await quote_purchase(world.ports, caller, itd, "USD")
    return await confirm_purchase(world.ports, caller, quote.intent.id)


async def refund_asked(world: World, invoice: Invoice) -> None:
    """An admin gives a purchase back."""
    admin = await world.person(99, role=Role.FINANCE)
    await refund_card_purchase(world.ports, admin, invoice.id, await world.code(admin))


async def rest(rail: Rail, passes: int = 3) -> None:
    """As many passes as it takes until nothing more happens."""
    for _ in range(passes):
        await rail.look()
