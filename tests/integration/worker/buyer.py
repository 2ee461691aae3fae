"""A buyer in a world that the tests of a file share: with a number, invoices and an authenticator of their own.

Starting a chain, a wallet and a worker takes longer than most endings of a payment, and nothing of what one person does
shows in what another one has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.faults.chains import Chain
from tests.faults.coin_chain import CoinChain, open_chain
from tests.faults.world import ITD, World, open_world
from tests.integration.worker.desk import Desk
from tests.integration.worker.inside import Inside, open_inside
from tests.support.roles import give_level
from wallet_core.domain.accounts import available, held
from wallet_core.domain.case import Case
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import GiveBackLimit, Operation, day_of, purchases_with, used
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.find_payment import FoundPayment, find_payment
from wallet_core.use_cases.verify_books import verify_books

#: The worker's settings on a chain, beside the usual ones.
SettingsOn = Callable[[Chain], dict[str, str]]
#: The price of a coin in dollars with which every test begins.
PRICE_USD = 2_500
_FIRST_PERSON = 100
#: Each has an admin of their own, whose codes nobody else uses.
_ADMINS = 10_000


@dataclass
class Shared:
    """A worker of one chain that many tests use, and how many people and addresses they have used up."""

    _inside: Inside | None = None
    people: int = 0
    addresses: int = 0

    @property
    def inside(self) -> Inside:
        """The worker that lives now."""
        assert self._inside is not None
        return self._inside

    @inside.setter
    def inside(self, inside: Inside) -> None:
        self._inside = inside


class SharedWorlds:
    """One world for each chain, made when it is asked for first."""

    def __init__(
        self, mongo_uri: str, folder: Path, premined: Path, stack: AsyncExitStack, settings: SettingsOn
    ) -> None:
        self._mongo_uri = mongo_uri
        self._folder = folder
        self._premined = premined
        self._stack = stack
        self._settings = settings
        self._made: dict[Asset, Shared] = {}

    async def of(self, asset: Asset) -> Shared:
        """The world of this chain."""
        if asset not in self._made:
            self._made[asset] = await self._open(asset)
        return self._made[asset]

    async def _open(self, asset: Asset) -> Shared:
        folder, name = self._folder / asset, f"test_{new_id()[:16]}"
        folder.mkdir()
        enter = self._stack.enter_async_context
        chain = await enter(open_chain(asset, folder, self._premined))
        world = await enter(open_world(self._mongo_uri, name, chain, folder, **self._settings(chain)))
        self._stack.push_async_callback(world.database.client.drop_database, name)
        await world.fund()
        inside = await enter(open_inside(world))
        await enter(inside.alive())
        await inside.look()
        return Shared(inside)


@asynccontextmanager
async def shared_worlds(
    mongo_uri: str, folder: Path, premined: Path, settings: SettingsOn = lambda _chain: {}
) -> AsyncIterator[SharedWorlds]:
    """Worlds that end together."""
    async with AsyncExitStack() as stack:
        yield SharedWorlds(mongo_uri, folder, premined, stack, settings)


@dataclass
class Buyer:
    """Somebody who pays, and what became of it."""

    shared: Shared
    person: int
    desk: Desk
    began_with: int = 0

    @classmethod
    async def enrolled(cls, shared: Shared, itd: int = 0) -> Buyer:
        """The next person, with so much whole ITD; prices and the rail are as every test finds them."""
        shared.people += 1
        inside, person = shared.inside, _FIRST_PERSON + shared.people
        await inside.world.person(itd, person=person)
        desk = await Desk.open(inside.world, person, _ADMINS + person)
        buyer = cls(shared, person, desk, itd * ITD)
        buyer.price(PRICE_USD)
        return buyer

    @property
    def inside(self) -> Inside:
        """The worker."""
        return self.shared.inside

    @property
    def world(self) -> World:
        """The world that it is in."""
        return self.inside.world

    @property
    def asset(self) -> Asset:
        """The coin."""
        return self.world.asset

    @property
    def blocks(self) -> int:
        """After how many blocks a payment is credited."""
        return self.world.final_depth + 1 if self.asset is Asset.ETH else 2

    @property
    def slack(self) -> int:
        """So many ITD minor units are lost by rounding down to whole minor units of a coin."""
        return 10 if self.asset is Asset.ETH else 200

    @property
    def chain(self) -> CoinChain:
        """The two nodes of a chain of coins."""
        assert isinstance(self.world.chain, CoinChain)
        return self.world.chain

    def price(self, usd: int | None) -> None:
        """See ``Inside.price``."""
        self.inside.price(usd)

    async def invoice(self, itd: int = 100, **fields: Any) -> Invoice:
        """An open invoice with an address of its own."""
        index = self.shared.addresses
        self.shared.addresses += 1
        await self.world.set_rail(next_index=index + 1)
        return await self.world.invoice(index, itd, person=self.person, **fields)

    async def pay(self, invoice: Invoice, coin_minor: int | None = None) -> str:
        """A payment of so many coins, by default of the whole order, that waits for a block."""
        amount_minor = invoice.coin_minor if coin_minor is None else coin_minor
        if self.asset is Asset.ETH:
            return str(await self.world.node.send(invoice.address, amount_minor))
        txid = await self.chain.keeper.send(invoice.address, amount_minor)
        raw = await self.chain.keeper.call("getrawtransaction", txid)
        if txid not in await self.chain.node.call("getrawmempool"):
            await self.chain.node.call("sendrawtransaction", raw)
        return txid

    async def arrived(self, invoice: Invoice, coin_minor: int | None = None) -> str:
        """Paid, deep enough, and looked at."""
        txid = await self.pay(invoice, coin_minor)
        await self.look(self.blocks)
        return txid

    async def look(self, blocks: int = 0) -> None:
        """A pass of the Purchase unit after each of so many blocks; without one where there is none."""
        for _ in range(blocks):
            await self.inside.look(blocks=1)
        if not blocks:
            await self.inside.look()

    async def settle(self, blocks: int = 6) -> None:
        """Passes of the Payout unit, each after a block, until what was queued is paid for good."""
        await self.inside.pay()
        for _ in range(blocks):
            await self.inside.pay(blocks=1)

    async def has(self) -> tuple[int, int]:
        """What the person has gained, available and held."""
        there = await self.world.balance(available(self.person).id), await self.world.balance(held(self.person).id)
        return there[0] - self.began_with, there[1]

    async def now(self, invoice: Invoice) -> Invoice:
        """The invoice as it is now."""
        return await self.inside.invoice(invoice)

    async def payments(self) -> list[Payment]:
        """The person's payments, in the order in which they were seen."""
        return await self.inside.ports.store.find(Payment, {"person": self.person}, order_by=("seen_at", "_id"))

    async def states(self) -> list[PaymentState]:
        """And their states."""
        return [payment.state for payment in await self.payments()]

    async def cases(self, **where: Any) -> list[Case]:
        """The person's cases, oldest first."""
        where = {"person": self.person, **where}
        return await self.inside.ports.store.find(Case, where, order_by=("opened_at", "_id"))

    async def told(self, template: str = "invoice", person: int | None = None) -> list[OutboxMessage]:
        """What the person, or somebody else, was told, in its order."""
        where = {"person": self.person if person is None else person, "template": template}
        return await self.inside.ports.store.find(OutboxMessage, where, order_by=("at", "order"), limit=500)

    async def steps(self, template: str = "invoice") -> list[str]:
        """What the person's cards showed, step by step."""
        return [message.facts["step"] for message in await self.told(template)]

    async def alarms(self) -> list[str]:
        """The alarms that owners were told of since this test began."""
        return [message.facts["alarm"] for message in await self.told("alarm", self.desk.admin)]

    async def looked_up(self, txid: str) -> FoundPayment:
        """What the person finds by a transaction's hash."""
        (found,) = (await find_payment(self.desk.ports, Caller(self.person), txid)).payments
        return found

    async def guards(self) -> Guards:
        """The person's guards as they are now."""
        found = await self.inside.ports.store.get(Guards, self.person)
        assert found is not None
        return found

    async def limit_used(self) -> tuple[int, int]:
        """How many purchases of today count, and their ITD."""
        today = used(await self.guards(), Operation.PURCHASE, day_of(await self.inside.ports.store.now()))
        return today.count, today.amount_minor

    async def level(self, level: int) -> None:
        """Moves the person to a level of the limits."""
        await give_level(self.inside.ports, self.person, level)

    async def a_new_day(self) -> None:
        """As if what was used today had been used yesterday."""
        today = day_of(await self.inside.ports.store.now())
        guards = await self.inside.ports.store.get(Guards, self.person)
        assert guards is not None
        for operation in purchases_with(self.asset):
            taken = used(guards, operation, today)
            await self._post(GiveBackLimit(self.person, operation, taken.amount_minor, today, counts=taken.count))

    async def held_is_looked_at(self) -> None:
        """A pass in which held money has its turn, which it has in the first of each fifteen."""
        self.inside.purchases._passes = 0
        await self.inside.look()

    async def _post(self, change: Any) -> None:
        await self.inside.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=(change,)))

    async def replaced(self, txid: str) -> str:
        """A transaction that pays a payment's coin back to the payer, for a higher fee. On chains of coins."""
        keeper = self.chain.keeper
        spent = (await keeper.call("getrawtransaction", txid, True))["vin"][0]
        value = (await keeper.call("gettxout", spent["txid"], spent["vout"], False))["value"]
        outputs = {await self.chain.own_address(): f"{value - Decimal('0.01'):f}"}
        raw = await keeper.call("createrawtransaction", [{name: spent[name] for name in ("txid", "vout")}], outputs)
        signed = await keeper.call("signrawtransactionwithwallet", raw, wallet="faucet")
        return str(signed["hex"])

    async def mine_only(self, raw: str) -> None:
        """A block with this transaction alone, whatever is in the pools."""
        await self.chain.keeper.call("generateblock", await self.chain.own_address(), [raw])
        await self.chain._agreed()

    async def books_are_right(self) -> None:
        """They balance; what is at deposit addresses is told by the chain, which tests change as they like."""
        gaps = (await verify_books(self.world.ports, {})).gaps
        assert [gap for gap in gaps if "deposits" not in gap] == []

    async def ends(self) -> None:
        """Leaves a world in which others begin: nothing in the pools, no alarm, the usual price."""
        self.price(PRICE_USD)
        await self.world.set_rail(alarm=None)
        await self.look(1)
