"""Which account a Telegram id speaks for, and in which chat an account is written to."""

from __future__ import annotations

import secrets
from typing import Final

from wallet_core.domain.account_move import TelegramIdentity
from wallet_core.domain.people import Caller
from wallet_core.ports import Store

#: Telegram's ids have at most 52 significant bits (Bot API, "User"); accounts made for ids that moved lie above them.
_ABOVE_TELEGRAM: Final = 2**53
#: Numbers of accounts have at most 16 digits.
_TOP: Final = 10**16


async def caller_of(store: Store, telegram: int) -> Caller:
    """The account that a Telegram id speaks for: the one of its own number, unless an account moved."""
    identity = await store.get(TelegramIdentity, telegram)
    return Caller(identity.person if identity else telegram)


async def telegram_of(store: Store, person: int) -> int:
    """The Telegram id that speaks for an account; its private chat has the same number."""
    found = await store.find(TelegramIdentity, {"person": person}, limit=1)
    return found[0].id if found else person


def new_stranger() -> int:
    """The number of an empty account, for a Telegram id whose own account moved away."""
    return _ABOVE_TELEGRAM + secrets.randbelow(_TOP - _ABOVE_TELEGRAM)
