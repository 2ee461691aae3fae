"""The keys of an installation, by their fingerprints: whoever exchanges one is noticed before it is used.

No secret is in it: fingerprints of keys, and addresses, which anybody may know.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from wallet_core.domain.record import Record

_LENGTH: Final = 32


def fingerprint(key: str) -> str:
    """Half of a SHA-256: nobody finds another key with the same one, nor the key by it."""
    return hashlib.sha256(b"fingerprint " + key.encode()).hexdigest()[:_LENGTH]


class KeyRegister(Record):
    """All fingerprints that were ever registered, by the name of the key; ``id`` counts the versions from 1.

    A version is never changed; the one with the highest number counts.
    """

    collection: ClassVar[str] = "key_registers"

    id: int
    parts: dict[str, str]
    #: HMAC of ``terms``.
    mac: str = ""

    def terms(self) -> bytes:
        """What the MAC covers; no other terms begin like it."""
        return b"keys " + json.dumps([self.id, self.parts], sort_keys=True).encode()

    def changed_by(self, parts: Mapping[str, str]) -> dict[str, Any]:
        """Which of these are others than were registered, each with before and after."""
        return {
            name: {"before": self.parts[name], "after": part}
            for name, part in parts.items()
            if self.parts.get(name, part) != part
        }
