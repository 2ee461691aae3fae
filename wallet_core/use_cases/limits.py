"""What is left of a person's daily limits, in database time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import LEVELS, Operation, TakeLimit, day_of, excess, limit_facts, next_day_at, used
from wallet_core.ports import Ports


@dataclass(frozen=True, slots=True)
class Today:
    """A moment, the day that it counts for, and when that day ends."""

    now: datetime
    day: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left today: operations, and ITD minor units."""

    count: int
    amount_minor: int


async def today(ports: Ports) -> Today:
    """The present day by database time."""
    now, hour = await ports.store.now(), ports.settings.day_starts_at_hour
    return Today(now, day_of(now, hour), next_day_at(now, hour))


def remaining(guards: Guards, operation: Operation, day: str) -> Remaining:
    """What is left of one limit."""
    limit, before = LEVELS[guards.level][operation], used(guards, operation, day)
    return Remaining(max(0, limit.count - before.count), max(0, limit.amount_minor - before.amount_minor))


def check_limit(guards: Guards, operation: Operation, amount_minor: int, when: Today) -> Remaining:
    """What would be left afterwards. Raises ``Refused`` LIMIT_COUNT or LIMIT_AMOUNT with the numbers; takes nothing."""
    before = used(guards, operation, when.day)
    reason = excess(before, amount_minor, LEVELS[guards.level][operation])
    if reason:
        raise Refused(reason, **limit_facts(guards.level, operation, before, when.ends_at))
    left = remaining(guards, operation, when.day)
    return Remaining(left.count - 1, left.amount_minor - amount_minor)


def take_limit(ports: Ports, person: int, operation: Operation, amount_minor: int, day: str) -> TakeLimit:
    """The guard that takes an operation out of the day's limit, for a posting."""
    return TakeLimit(person, operation, amount_minor, day, ports.settings.day_starts_at_hour)
