"""What an account has, as the books keep it."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.accounts import Account, available
from wallet_core.domain.card_lots import Leaving, leaving, withdrawing
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Balance
from wallet_core.ports import Ports, Store

#: More than any account has stripes.
_MOST_STRIPES = 1_000


async def balance_minor(store: Store, account: Account) -> int:
    """The account's balance in minor units of its asset: all its stripes together."""
    stripes = await store.find(Balance, {"account": account.id}, limit=_MOST_STRIPES)
    return sum(stripe.balance_minor for stripe in stripes)


async def send_from(ports: Ports, person: int, amount_minor: int) -> Leaving:
    """What a send of so many ITD minor units takes of a person's money: mature money first, then young."""
    return leaving(*await _spendable(ports, person), amount_minor, await ports.store.now())


async def withdraw_from(ports: Ports, person: int, amount_minor: int, now: datetime) -> Leaving:
    """What a withdrawal takes. Raises ``Refused(CARD_MONEY_YOUNG)`` when the mature money does not cover it."""
    return withdrawing(*await _spendable(ports, person), amount_minor, now)


async def _spendable(ports: Ports, person: int) -> tuple[Guards, int]:
    """The guards, and what may be spent; that is asked for only where some of it may be young."""
    guards = await ports.store.get(Guards, person) or Guards(id=person)
    return guards, await balance_minor(ports.store, available(person)) if guards.card_lots else 0
