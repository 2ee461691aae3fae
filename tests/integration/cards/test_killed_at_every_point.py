"""The worker dies before and after every call of the card rail that does something: each dollar is booked once."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.integration.cards.in_memory import open_world
from tests.integration.cards.lives import POINTS, Killer, Lives
from tests.support.card_company import KEY
from tests.unit.wallet_core.world import ITD
from wallet_core.domain.card_reversal import CardReversal, ReversalState
from wallet_core.domain.ledger import Balance
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.use_cases.refund_card_purchase import refund_card_purchase


class Story(Lives):
    """Seven purchases with as many ends; after each chapter a worker that may have been killed has come to rest."""

    async def sell_elsewhere(self) -> None:
        """Another program with the same account sells something."""
        item = "line_items[0]"
        form = {
            "mode": "payment", "success_url": "http://elsewhere.invalid", f"{item}[quantity]": "1",
            f"{item}[price_data][currency]": "usd", f"{item}[price_data][unit_amount]": "500",
            f"{item}[price_data][product_data][name]": "A hat",
        }  # fmt: skip
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as client:
            made = await client.post(f"{self.company.address}/v1/checkout/sessions", data=form)
        await self.company.act(made.json()["id"], "pay")

    async def play(self) -> dict[str, object]:
        """What is left at the end of everything."""
        await self.opened()
        people = [await self.world.person(number) for number in range(1, 8)]
        admin = await self.world.person(99, role=Role.FINANCE)
        await self.world.person(100, role=Role.OWNER)
        invoices = [await self.order(caller) for caller in people]
        await self.rest()
        for invoice, action in zip(
            invoices, ("pay", "expire", "pay-later", "pay-later", "pay", "pay", "pay"), strict=True
        ):
            await self.act(invoice, action)
        await self.rest()
        await self.act(invoices[2], "succeed")
        await self.act(invoices[3], "fail")
        await self.rest()
        for refunded in (invoices[2], invoices[4]):
            await refund_card_purchase(self.world.ports, admin, refunded.id, await self.world.code(admin))
        await self.sell_elsewhere()
        for disputed in invoices[5:]:
            await self.act(disputed, "dispute")
        await self.rest()
        await self.act(invoices[5], "lose")
        await self.act(invoices[6], "win")
        await self.act(invoices[4], "fail-refund")
        await self.act(invoices[2], "settle-refund")
        await self.rest()
        return await self.end(people)

    async def end(self, people: list[Caller]) -> dict[str, object]:
        states = {i.person: i.state for i in await self.world.memory.find(Invoice, {}, limit=100)}
        reversals = await self.world.memory.find(CardReversal, {}, limit=100)
        balances = await self.world.memory.find(Balance, {}, limit=1_000)
        verdict = await self.verdict()
        return {
            "money": [await self.world.money(caller) for caller in people],
            "states": states,
            "reversals": sorted((r.person, r.state) for r in reversals),
            "balances": sorted((b.account, b.balance_minor) for b in balances),
            "sessions": len(self.company.table("checkout.session")),
            "refunds": len(self.company.table("refund")),
            "sums": set(self.world.sums().values()),
            "wrong": [*verdict.lost, *verdict.doubled, *verdict.wrong, *verdict.gaps],
        }


async def played(folder: Path, killer: Killer) -> dict[str, object]:
    async with open_world(folder) as (world, company):
        return await Story(world, company, folder, killer).play()


@pytest.fixture(scope="module")
async def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], set[str]]:
    """The end of a story in which nobody dies, and the points that were passed in it."""
    killer = Killer()
    return await played(tmp_path_factory.mktemp("undisturbed"), killer), killer.passed


def test_the_story_ends_as_it_should_and_passes_every_point(undisturbed: tuple[dict[str, object], set[str]]) -> None:
    end, passed = undisturbed
    wanted = {
        "money": [(10 * ITD, 0), (0, 0), (0, 0), (0, 0), (10 * ITD, 0), (0, 0), (10 * ITD, 0)],
        "reversals": [
            (3, ReversalState.DONE),
            (5, ReversalState.RETURNED),
            (6, ReversalState.DONE),
            (7, ReversalState.RETURNED),
        ],
        "sessions": 8,
        "refunds": 2,
        "sums": {0},
        "wrong": [],
    }
    assert {name: end[name] for name in wanted} == wanted
    assert end["states"] == dict(zip(range(1, 8), [
        InvoiceState.CREDITED, InvoiceState.EXPIRED, InvoiceState.CREDITED, InvoiceState.EXPIRED,
        InvoiceState.CREDITED, InvoiceState.CREDITED, InvoiceState.CREDITED,
    ], strict=True))  # fmt: skip
    assert set(POINTS) - passed == set()


async def test_killed_once_at_every_point_it_ends_as_if_nothing_had_been(
    undisturbed: tuple[dict[str, object], set[str]], tmp_path: Path
) -> None:
    """One life after the other, each to the first point that none has died at: recoveries are interrupted as well."""
    killer = Killer(POINTS)
    assert await played(tmp_path, killer) == undisturbed[0]
    assert not killer.left.total()


@pytest.mark.campaign
@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_one_point_it_ends_as_if_nothing_had_been(
    undisturbed: tuple[dict[str, object], set[str]], tmp_path: Path, point: str
) -> None:
    killer = Killer([point])
    assert await played(tmp_path, killer) == undisturbed[0]
    assert not killer.left.total()
