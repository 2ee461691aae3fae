"""Show how many people there are, and how much they do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import After, Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.volumes import Volumes, volumes

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Statistics:
    """People, those with a second factor, those seen within a day and a week; and what was done in both."""

    people: int
    enrolled: int
    active_day: int
    active_week: int
    day: Volumes
    week: Volumes


@use_case(Access.SUPPORT)
async def show_statistics(ports: Ports, caller: Caller) -> Statistics:
    """The 24 hours and the seven days up to now; who was seen is noted once an hour."""
    store, now = ports.store, await ports.store.now()
    return Statistics(
        people=await store.count(Person, {}),
        enrolled=await store.count(Guards, {"secret": After(b"")}),
        active_day=await store.count(Person, {"seen_at": After(now - _DAY)}),
        active_week=await store.count(Person, {"seen_at": After(now - _WEEK)}),
        day=await volumes(ports, now - _DAY, now),
        week=await volumes(ports, now - _WEEK, now),
    )
