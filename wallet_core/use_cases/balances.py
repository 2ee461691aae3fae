"""What an account has, as the books keep it."""

from __future__ import annotations

from wallet_core.domain.accounts import Account
from wallet_core.domain.ledger import Balance
from wallet_core.ports import Store

#: More than any account has stripes.
_MOST_STRIPES = 1_000


async def balance_minor(store: Store, account: Account) -> int:
    """The account's balance in minor units of its asset: all its stripes together."""
    stripes = await store.find(Balance, {"account": account.id}, limit=_MOST_STRIPES)
    return sum(stripe.balance_minor for stripe in stripes)
