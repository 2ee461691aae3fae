"""The card rail in the test's own process, pass by pass, with people who order and pay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from payout_worker.card_purchases import CardPurchases
from payout_worker.card_rail import adopt_account
from payout_worker.failpoints import OnPoint, watched
from payout_worker.lease import LeaseKeeper, Taken
from payout_worker.leaving import load_units
from payout_worker.ports import CardPorts
from payout_worker.signals import Stop
from payout_worker.state_file import StateFolder
from payout_worker.unit import RailItems
from tests.support.card_company import Company
from wallet_core.adapters.stripe_checkout import open_stripe
from wallet_core.domain.card import mode_name
from wallet_core.domain.card_reversal import CardReversal
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.lease import lease_id
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.record import Record
from wallet_core.ports import Ports
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.quote_purchase import quote_purchase

R = TypeVar("R", bound=Record)


@dataclass
class Rail:
    """The unit, and what the tests ask of it."""

    core: Ports
    company: Company
    ports: CardPorts
    purchases: CardPurchases
    items: RailItems
    taken: Taken
    folder: Path

    async def look(self) -> None:
        """One pass, in which the card company is asked as well."""
        self.purchases._next_turn = 0.0
        await self.purchases.run_pass(self.taken.tenure)

    async def ordered(self, caller: Caller, itd: str = "100") -> Invoice:
        """An order whose page is open."""
        quote = await quote_purchase(self.core, caller, itd, "USD")
        invoice = await confirm_purchase(self.core, caller, quote.intent.id)
        await self.look()
        return await self.invoice(invoice)

    async def bought(self, caller: Caller, itd: str = "100") -> Invoice:
        """An order that was paid and credited."""
        invoice = await self.ordered(caller, itd)
        await self.company.act(invoice.address, "pay")
        await self.look()
        return await self.invoice(invoice)

    async def invoice(self, invoice: Invoice) -> Invoice:
        """The invoice as it is now."""
        return await self._there(Invoice, invoice.id)

    async def guards(self, caller: Caller) -> Guards:
        """The person's guards as they are now."""
        return await self._there(Guards, caller.person)

    async def payment(self, invoice: Invoice) -> Payment:
        """The one payment to an invoice."""
        (payment,) = await self.ports.store.find(Payment, {"invoice": invoice.id})
        return payment

    async def reversals(self) -> list[CardReversal]:
        """All refunds and disputes, the oldest first."""
        return await self.ports.store.find(CardReversal, {}, order_by=("opened_at",))

    async def steps_told(self) -> list[str]:
        """What people were shown of their purchases, step by step."""
        return [str(message.facts["step"]) for message in await self.told("invoice")]

    async def told(self, template: str) -> list[OutboxMessage]:
        """The messages of a template, in the order in which people were told."""
        return await self.ports.store.find(OutboxMessage, {"template": template}, order_by=("at", "order"), limit=500)

    async def alarms(self) -> list[str]:
        """The alarms that were raised, as the journal has them."""
        found = await self.ports.store.find(JournalRecord, {"kind": "alarm"}, order_by=("place",))
        return [record.facts["alarm"] for record in found]

    async def _there(self, kind: type[R], record_id: Any) -> R:
        found = await self.ports.store.get(kind, record_id)
        assert found is not None
        return found


@asynccontextmanager
async def open_rail(
    core: Ports, company: Company, folder: Path, on_point: OnPoint = lambda _point: None
) -> AsyncIterator[Rail]:
    """Takes the lease, as a worker with this state folder; ``on_point`` hears of every failpoint."""
    with StateFolder(folder) as state:
        async with open_stripe(core.settings) as cards:
            account = await adopt_account(core, cards)
            ports = watched(CardPorts.of(core, cards, account), on_point)
            lease = lease_id(Asset.USD, mode_name(account.live), account.id)
            taken = await LeaseKeeper(ports.ledger, ports.store, lease, state.identity, 4).take()
            assert taken is not None
            items = load_units(folder)[1].rail(Asset.USD)
            items.begin(taken)
            yield Rail(core, company, ports, CardPurchases(ports, items, Stop()), items, taken, folder)
