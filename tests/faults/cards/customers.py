"""People who buy by card in every way, again and again: what becomes of each is the card company's to say."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from bot.sandbox.stripe.faults import Fault
from bot.sandbox.world import HookError
from tests.faults.cards.world import CardWorld
from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.refund_card_purchase import refund_card_purchase

#: So many people at a time.
MANY: Final = 10
_LOOK_SECONDS: Final = 0.1
#: Nobody waits for longer, however often the processes die meanwhile.
_PATIENCE_SECONDS: Final = 120.0
_LONGEST_PAUSE_SECONDS: Final = 0.6
_CALLS: Final = (
    "POST /v1/checkout/sessions", "POST /v1/refunds", "GET /v1/refunds", "GET /v1/disputes", "GET /v1/events", "*",
)  # fmt: skip


class Customers:
    """They come several at a time; what each of them does is one of the stories, all of them in turn."""

    def __init__(self, world: CardWorld, chance: random.Random, stories: Sequence[Story]) -> None:
        self.world = world
        self._stories = stories
        self.chance = chance
        self.played: Counter[str] = Counter()
        self.stuck: list[str] = []
        self._deck: list[Story] = []
        self._closes = asyncio.Event()

    @asynccontextmanager
    async def shopping(self, at_once: int = MANY) -> AsyncIterator[None]:
        """Orders, payments and lost answers while the block runs; then all that was begun comes to its end."""
        tasks = [asyncio.create_task(self._come()) for _ in range(at_once)]
        losing = asyncio.create_task(self._lose_answers())
        try:
            yield
        finally:
            self._closes.set()
            await losing
            await asyncio.gather(*tasks)

    async def _come(self) -> None:
        while not self._closes.is_set():
            story = self._next()
            self.played[story.__name__.replace("_", " ")] += 1
            try:
                await story(self)
            except Exception:
                self.stuck.append(f"{story.__name__}: {traceback.format_exc(limit=-2)}")

    def _next(self) -> Story:
        if not self._deck:
            self._deck = list(self._stories)
            self.chance.shuffle(self._deck)
        return self._deck.pop()

    async def _lose_answers(self) -> None:
        """Now and then a request fails, is done and its answer is lost, or is answered late."""
        faults = self.world.company.company.faults
        while not self._closes.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closes.wait(), self.chance.uniform(1, 4))
            call, applied = self.chance.choice(_CALLS), self.chance.random() < 0.6
            if self.chance.random() < 0.3:
                faults.pending.append(Fault(call, 200, applied=True, wait_seconds=self.chance.uniform(0.1, 0.5)))
            else:
                faults.pending.append(Fault(call, 500, applied=applied))
        faults.pending.clear()

    # What people do

    async def orders(self, caller: Caller | None = None, itd: str = "10") -> Invoice:
        """Somebody new, unless they are named, orders and sees the page."""
        caller = caller or await self.world.wallet.person(level=3)
        quote = await quote_purchase(self.world.ports, caller, itd, "USD")
        invoice = await confirm_purchase(self.world.ports, caller, quote.intent.id)

        async def has_page() -> bool:
            found = await self.world.ports.store.get(Invoice, invoice.id)
            return found is not None and bool(found.address)

        await until(has_page)
        await self.pauses()
        return await self._now(invoice)

    async def buys(self, caller: Caller | None = None, *, how: str = "pay") -> Invoice:
        """Orders, pays, and waits for the credit."""
        invoice = await self.orders(caller)
        await self.act(invoice, how)
        if how == "pay-later":
            await self.pauses()
            await self.act(invoice, "succeed")
        await self.is_credited(invoice)
        return invoice

    async def is_credited(self, invoice: Invoice) -> None:
        """Waits for the credit."""

        async def credited() -> bool:
            found = await self.world.ports.store.find(Payment, {"invoice": invoice.id})
            return any(payment.state in (PaymentState.CREDITED, PaymentState.REVERSED) for payment in found)

        await until(credited)

    async def is_pending(self, invoice: Invoice) -> None:
        """Waits until the worker has seen that a bank was asked."""

        async def pending() -> bool:
            return bool((await self._now(invoice)).pending_minor)

        await until(pending)

    async def owes(self, person: Caller) -> None:
        """Waits until what the person had spent is owed."""

        async def owing() -> bool:
            guards = await self.world.ports.store.get(Guards, person.person)
            return guards is not None and guards.debt_minor > 0

        await until(owing)

    async def act(self, invoice: Invoice, action: str, **body: int) -> bool:
        """Something happens at the card company; False where it was too late for that."""
        try:
            await self.world.company.act(invoice.address, action, **body)
        except HookError:
            return False
        return True

    async def is_refunded(self, invoice: Invoice) -> None:
        """Waits until the card company has a refund, or will never have one."""

        async def refunded() -> bool:
            session = self.world.company.company.state.table("checkout.session")[invoice.address]
            mine = {"payment_intent": session["payment_intent"]}
            tables = [*self.world.company.table("refund"), *self.world.company.table("dispute")]
            return any(mine.items() <= one.items() for one in tables)

        await until(refunded)

    async def refund(self, invoice: Invoice) -> bool:
        """An admin has it refunded, and perhaps the answer of the card company is lost."""
        admin = await self.world.wallet.person(role=Role.FINANCE)
        if self.chance.random() < 0.5:
            self.world.company.company.faults.pending.append(Fault("POST /v1/refunds", 500, applied=True))
        try:
            await refund_card_purchase(self.world.ports, admin, invoice.id, await self.world.wallet.code(admin))
        except Refused:
            return False
        return True

    async def send(self, sender: Caller, recipient: Caller, itd: str) -> None:
        """Sends ITD, if that is allowed just now."""
        with suppress(Refused):
            quote = await quote_send(self.world.ports, sender, itd, f"@person{recipient.person}")
            await confirm_send(self.world.ports, sender, quote.intent.id, await self.world.wallet.code(sender))

    async def pauses(self) -> None:
        """A moment, or a while."""
        await asyncio.sleep(self.chance.uniform(0, _LONGEST_PAUSE_SECONDS))

    async def _now(self, invoice: Invoice) -> Invoice:
        found = await self.world.ports.store.get(Invoice, invoice.id)
        assert found is not None
        return found


Story = Callable[[Customers], Awaitable[None]]


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = _PATIENCE_SECONDS) -> None:
    """Waits for something. Raises ``AssertionError`` when it does not come to be."""
    for _ in range(int(seconds / _LOOK_SECONDS)):
        if await holds():
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise AssertionError(f"{holds.__name__} did not come to be")
