"""Which account a Telegram id speaks for, and in which chat an account is written to."""

from __future__ import annotations

import secrets
from typing import Final

from wallet_core.domain.account_move import TelegramIdentity
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.people import Caller
from wallet_core.ports import Ports

#: Telegram's ids have at most 52 significant bits (Bot API, "User"); accounts made for ids that moved lie above them.
_ABOVE_TELEGRAM: Final = 2**53
#: Numbers of accounts have at most 16 digits.
_TOP: Final = 10**16
#: An honest account has one record.
_MOST: Final = 100


async def caller_of(ports: Ports, telegram: int) -> Caller:
    """The account that a Telegram id speaks for: the one of its own number, unless an account moved.

    Raises ``InvariantViolated`` for a record that no move wrote: who writes into the database speaks for nobody.
    """
    identity = await ports.store.get(TelegramIdentity, telegram)
    if identity is None:
        return Caller(telegram)
    if await telegram_of(ports, identity.person) != telegram or not _is_sealed(ports, identity):
        raise InvariantViolated(f"no move made Telegram id {telegram} speak for {identity.person}")
    return Caller(identity.person)


async def telegram_of(ports: Ports, person: int) -> int:
    """The Telegram id that speaks for an account; its private chat has the same number."""
    found = await ports.store.find(TelegramIdentity, {"person": person}, order_by=("-since",), limit=_MOST)
    return next((identity.id for identity in found if _is_sealed(ports, identity)), person)


def _is_sealed(ports: Ports, identity: TelegramIdentity) -> bool:
    return ports.vault.mac_fits(identity.terms(), identity.mac)


def new_stranger() -> int:
    """The number of an empty account, for a Telegram id whose own account moved away."""
    return _ABOVE_TELEGRAM + secrets.randbelow(_TOP - _ABOVE_TELEGRAM)
