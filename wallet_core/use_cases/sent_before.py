"""What use cases share about the people to whom somebody sent before: the journal tells who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.intent import Intent
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.look_alike import look_alike
from wallet_core.domain.people import Caller, Person
from wallet_core.ports import Ports

_KINDS: Final = ("sent", "send_held", "claimed")
#: So many of the newest transfers of both directions are looked through.
_MOST_READ: Final = 100


@dataclass(frozen=True, slots=True)
class Earlier:
    """Somebody to whom the caller sent before, as they are called now; as they were called then, if nobody met them."""

    id: int
    name: str
    username: str | None = None


async def sent_before(ports: Ports, caller: Caller) -> list[Earlier]:
    """The different people of the caller's newest sends, the latest first."""
    where = {"people": caller.person, "kind": _KINDS}
    records = await ports.store.find(JournalRecord, where, order_by=("-place",), limit=_MOST_READ)
    sent = [one for one in records if one.facts.get("sender") == caller.person and one.facts.get("recipient")]
    latest: dict[int, str] = {}
    for record in sent:
        latest.setdefault(record.facts["recipient"], record.facts["intent"])
    met = {one.id: one for one in await ports.store.find(Person, {"_id": tuple(latest)}, limit=_MOST_READ)}
    return [await _earlier(ports, person, met.get(person), intent) for person, intent in latest.items()]


async def _earlier(ports: Ports, person: int, met: Person | None, intent_id: str) -> Earlier:
    if met is not None:
        return Earlier(person, met.display_name, met.username)
    intent = await ports.store.get(Intent, intent_id)
    return Earlier(person, (intent.recipient_name if intent else None) or str(person))


async def imitated(ports: Ports, caller: Caller, person: int, name: str, username: str | None) -> Earlier | None:
    """Somebody else to whom the caller sent before, and whose name looks like this one's."""
    others = (one for one in await sent_before(ports, caller) if one.id != person)
    return next((one for one in others if look_alike((name, username), (one.name, one.username))), None)
