"""A desk with a case on it: what tests of cases and of refunds start from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.cases import invoice_of, too_small
from tests.unit.wallet_core.world import BTC_ADDRESS, World
from wallet_core.domain.accounts import Account
from wallet_core.domain.case import Case, CaseChoice
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import WalletError
from wallet_core.domain.ledger import Balance, Posting, Receipt
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.decide_case import decide_case
from wallet_core.use_cases.quote_refund import quote_refund
from wallet_core.use_cases.request_refund import request_refund

#: 0.9 ITD at 60,000 ITD a coin.
COINS = 1_500
#: The fee of 0.25 ITD at that rate, rounded up.
WITHHELD = 417


@dataclass
class Slow:
    """A ledger that lets something else happen just before the first posting of a kind."""

    world: World
    kind: str
    before: Callable[[], Awaitable[object]] | None

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        if self.before and posting.kind == self.kind:
            before, self.before = self.before, None
            await before()
        return await self.world.memory.post(posting)

    async def post_many(self, postings: Sequence[Posting]) -> list[Receipt | WalletError]:
        """See ``ports.Ledger.post_many``."""
        return await self.world.memory.post_many(postings)


async def opened(world: World, ana: Caller, coin_minor: int = COINS, **fields: Any) -> Case:
    """An open case of the person's."""
    return await too_small(world.ports, invoice_of(ana.person, world.clock(), **fields), coin_minor)


async def decide(world: World, admin: Caller, case: Case, choice: CaseChoice, seen: int | None = None) -> Case:
    """The admin decides; ``seen`` is the number of decisions that they know of."""
    known = case.decisions if seen is None else seen
    code = await world.code(admin)
    return await decide_case(world.ports, admin, case.id, choice, seen=known, code=code)


async def now(world: World, case: Case) -> Case:
    """The case as it is now."""
    found = await world.ports.store.get(Case, case.id)
    assert found is not None
    return found


async def invoice_now(world: World, case: Case) -> Invoice:
    """Its invoice as it is now."""
    found = await world.ports.store.get(Invoice, case.invoice)
    assert found is not None
    return found


def balance(world: World, account: str, asset: Asset = Asset.BTC) -> int:
    """A platform account's balance in minor units."""
    name = Account(asset, account).id
    documents = [d for t, d in world.memory.documents.items() if t.collection == Balance.collection]
    return sum(document["balance_minor"] for document in documents if document["account"] == name)


def told(world: World, person: int, template: str) -> list[dict[str, Any]]:
    """What somebody was told by a template, oldest first."""
    outbox = [d for t, d in world.memory.documents.items() if t.collection == OutboxMessage.collection]
    return [d["facts"] for d in outbox if d["person"] == person and d["template"] == template]


async def refunding(world: World, ana: Caller, admin: Caller, coin_minor: int = COINS) -> Case:
    """A case for which an address is asked."""
    return await decide(world, admin, await opened(world, ana, coin_minor), CaseChoice.REFUND)


async def requested(world: World, ana: Caller, case: Case, address: str = BTC_ADDRESS) -> Withdrawal:
    """The person names an address and gives a code."""
    quote = await quote_refund(world.ports, ana, case.id, address)
    return await request_refund(world.ports, ana, quote.intent.id, await world.code(ana))
