"""A card rail in memory whose worker dies at a point and lives again, as often as it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from payout_worker.failpoints import OnPoint, declared
from tests.faults.cards.verdict import judge
from tests.faults.verdict import Verdict
from tests.integration.cards.in_memory import open_worker, ordered_unseen
from tests.support.card_company import Company
from tests.unit.wallet_core.world import World
from wallet_core.domain.card import CardEvent
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.refund_card_purchase import refund_card_purchase

#: What changes something, here or at the card company; to die between two reads is to die before the next of these.
POINTS = [
    point
    for point in declared()
    if point.startswith("card_") and not point.split(":")[1].startswith(("store.get", "store.find", "store.now"))
]


class KilledError(BaseException):
    """Stands for SIGKILL: nothing catches it, and nothing is done after it."""


class Killer:
    """Kills at the first passing of each of its points, as often as it is named, and notes what was passed."""

    def __init__(self, points: Iterable[str] = ()) -> None:
        self.left = Counter(points)
        self.passed: set[str] = set()

    def __call__(self, point: str) -> None:
        self.passed.add(point)
        if self.left[point]:
            self.left[point] -= 1
            raise KilledError(point)


@dataclass
class Lives:
    """A wallet in memory, the card company, and one life of the worker after the other."""

    world: World
    company: Company
    folder: Path
    on_point: OnPoint

    async def rest(self) -> None:
        """Lives until one of them has made three whole passes."""
        for _ in range(2 * len(POINTS)):
            if await self.survives():
                return
        raise AssertionError("it never came to rest")

    async def survives(self) -> bool:
        """One life of three whole passes; False when it was killed before its end."""
        try:
            async with open_worker(self.world, self.company, self.folder, self.on_point) as rail:
                for _ in range(3):
                    await rail.look()
        except KilledError:
            return False
        return True

    async def tell_again(self) -> None:
        """All that ever happened is heard of once more, as if it were new."""
        for event in await self.world.memory.find(CardEvent, {}, limit=1_000):
            await self.world.memory.swap(CardEvent, event.id, {}, {"handled_at": None})

    async def opened(self) -> None:
        """The rail is open before anybody buys."""
        async with open_worker(self.world, self.company, self.folder):
            pass

    async def order(self, caller: Caller) -> Invoice:
        """An order of 10 ITD whose page is still to be opened."""
        return await ordered_unseen(self.world, caller)

    async def buy(self, caller: Caller, how: str = "pay") -> Invoice:
        """An order that was paid and credited."""
        invoice = await self.order(caller)
        await self.rest()
        await self.act(invoice, how)
        await self.rest()
        return invoice

    async def act(self, invoice: Invoice, action: str, **body: int) -> None:
        """Something happens at the card company."""
        found = await self.world.memory.get(Invoice, invoice.id)
        assert found is not None
        await self.company.act(found.address, action, **body)

    async def refund(self, invoice: Invoice) -> str:
        """An admin has it refunded; returns the reversal's id."""
        admin = await self.world.person(99, role=Role.FINANCE)
        wish = await refund_card_purchase(self.world.ports, admin, invoice.id, await self.world.code(admin))
        return wish.id

    async def verdict(self) -> Verdict:
        """The card company's own records compared with the books."""
        return await judge(self.world.memory, self.company)
