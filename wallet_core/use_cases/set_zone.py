"""Remember by which clock a person lives."""

from __future__ import annotations

from wallet_core.domain.people import Access, Caller, Person
from wallet_core.domain.recurrence import zone_of
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def set_zone(ports: Ports, caller: Caller, zone_text: str) -> str:
    """The zone's name, from now on for what is set up anew. Raises ``Refused(UNKNOWN_ZONE)``."""
    zone = zone_of(zone_text)
    await ports.store.swap(Person, caller.person, {}, {"zone": zone})
    return zone
