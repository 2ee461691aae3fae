"""How fast one person may go: so many of each class of request in a window of database time, counted for all bots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from wallet_core.domain.guards import Guards
from wallet_core.domain.record import Record


class Pace(StrEnum):
    """What a request costs us. FREE is never held up: codes have a brake of their own, and freezing is urgent."""

    FREE = "free"
    LOOKS = "looks"
    MONEY = "money"
    HEAVY = "heavy"


class Tally(Record):
    """How many of something came in the window that runs now. The database drops it when that is over."""

    collection: ClassVar[str] = "tallies"
    ledgered: ClassVar[bool] = False

    id: str
    count: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """So many in a window; strangers have one limit for everything, admins so many times as much."""

    looks: int
    money: int
    heavy: int
    strangers: int
    admins_factor: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Under which name a request is counted, and how many of these may come."""

    name: str
    limit: int


def counted(guards: Guards, pace: Pace, limits: PaceLimits) -> Counted | None:
    """How a person's request is counted; None where it is not."""
    if pace is Pace.FREE:
        return None
    if not guards.enrolled:
        return Counted(f"{guards.id}:stranger", limits.strangers)
    limit = {Pace.LOOKS: limits.looks, Pace.MONEY: limits.money, Pace.HEAVY: limits.heavy}[pace]
    return Counted(f"{guards.id}:{pace}", limit * (limits.admins_factor if guards.role else 1))
