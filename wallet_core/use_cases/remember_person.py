"""Remember who somebody is, as Telegram tells it with every message."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

DEFAULT_ZONE: Final = "UTC"
#: That somebody was seen is noted no more often than this.
SEEN_EVERY: Final = timedelta(hours=1)


@use_case(Access.ANYONE)
async def remember_person(
    ports: Ports, caller: Caller, *, display_name: str, username: str | None, language: str
) -> Person:
    """Keeps the profile up to date; a username that moved to somebody else stops finding its former owner."""
    known = await ports.store.get(Person, caller.person)
    now = await ports.store.now()
    same = known and (known.display_name, known.username, known.language) == (display_name, username, language)
    if known and same and now - known.seen_at < SEEN_EVERY:
        return known
    key = username.lower() if username else None
    if key:
        await _forget_former_owners(ports, caller, key)
    person = Person(
        id=caller.person,
        display_name=display_name,
        username=username,
        username_key=key,
        language=language,
        zone=known.zone if known else DEFAULT_ZONE,
        seen_at=now,
    )
    await ports.store.put(person)
    return person


async def _forget_former_owners(ports: Ports, caller: Caller, key: str) -> None:
    for other in await ports.store.find(Person, {"username_key": key}):
        if other.id != caller.person:
            await ports.store.swap(Person, other.id, {"username_key": key}, {"username": None, "username_key": None})
