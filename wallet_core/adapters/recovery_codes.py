"""``ports.RecoveryCodes`` by argon2-cffi, off the event loop, since a hash takes tens of milliseconds."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Without letters and digits that are mistaken for each other.
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODES: Final = 8
_GROUPS: Final = 4
_GROUP_LENGTH: Final = 4
_MAX_TYPED_LENGTH: Final = 40


class Argon2RecoveryCodes:
    """Codes such as ``3-ABCD-EFGH-JKLM-NPQR``: the number says which hash to compare, the rest is 80 random bits."""

    def __init__(self) -> None:
        # 80 random bits need no slow hash to be safe; these are RFC 9106's parameters for little memory.
        self._hasher = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)

    async def make(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """See ``ports.RecoveryCodes.make``."""
        codes = tuple(f"{number}-{_secret()}" for number in range(1, _CODES + 1))
        return codes, await asyncio.to_thread(self._hashes, codes)

    async def number_of(self, code: str, hashes: Mapping[str, str]) -> str | None:
        """See ``ports.RecoveryCodes.number_of``; small letters and missing dashes are forgiven."""
        typed = code.strip().upper().replace(" ", "").replace("-", "")
        if len(typed) > _MAX_TYPED_LENGTH or not typed:
            return None
        number, secret = typed[0], typed[1:]
        wanted = hashes.get(number)
        if wanted is None:
            return None
        return number if await asyncio.to_thread(self._fits, wanted, secret) else None

    def _hashes(self, codes: tuple[str, ...]) -> dict[str, str]:
        return {code[0]: self._hasher.hash(code[1:].replace("-", "")) for code in codes}

    def _fits(self, wanted: str, secret: str) -> bool:
        try:
            return self._hasher.verify(wanted, secret)
        except (VerificationError, InvalidHashError):
            return False


def _secret() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
