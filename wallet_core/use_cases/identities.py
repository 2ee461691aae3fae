"""Which account a Telegram id speaks for, and in which chat an account is written to."""

from __future__ import annotations

from wallet_core.domain.account_move import TelegramIdentity
from wallet_core.domain.people import Caller
from wallet_core.ports import Store


async def caller_of(store: Store, telegram: int) -> Caller:
    """The account that a Telegram id speaks for: the one of its own number, unless an account moved."""
    identity = await store.get(TelegramIdentity, telegram)
    return Caller(identity.person if identity else telegram)


async def telegram_of(store: Store, person: int) -> int:
    """The Telegram id that speaks for an account; its private chat has the same number."""
    found = await store.find(TelegramIdentity, {"person": person}, limit=1)
    return found[0].id if found else person
