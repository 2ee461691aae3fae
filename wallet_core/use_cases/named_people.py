"""Finds people as admins name them."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Person
from wallet_core.ports import Ports

_LONGEST_NUMBER: Final = 17


async def person_named(ports: Ports, text: str) -> Person:
    """Somebody by the number of their account or by @username. Raises ``Refused(UNKNOWN_RECIPIENT)``."""
    name = text.strip()
    found: Person | None = None
    if name.isascii() and name.isdecimal() and len(name) <= _LONGEST_NUMBER:
        found = await ports.store.get(Person, int(name))
    elif name.startswith("@"):
        same = await ports.store.find(Person, {"username_key": name[1:].lower()}, limit=2)
        found = same[0] if len(same) == 1 else None
    if found is None:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=name[:64])
    return found
