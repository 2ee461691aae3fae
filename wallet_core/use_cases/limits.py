"""What is left of a person's daily limits, in database time, by the table of levels that counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.crediting import Crediting
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import (
    KnownLevels,
    LevelVersion,
    Limit,
    Operation,
    TakeLimit,
    day_of,
    excess,
    next_day_at,
    purchases_with,
    used,
)
from wallet_core.ports import Ports
from wallet_core.use_cases.level_tables import known_levels


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


@dataclass(frozen=True, slots=True)
class LimitsToday:
    """The day, and what the levels allow on it."""

    when: Today
    known: KnownLevels
    starts_at_hour: int

    @property
    def version(self) -> LevelVersion:
        """The table that counts at this moment."""
        return self.known.at(self.when.now)

    def limit(self, guards: Guards, operation: Operation) -> Limit:
        """What the person's level allows."""
        return self.version.limit(guards.level, operation)

    def remaining(self, guards: Guards, operation: Operation) -> Remaining:
        """What is left of one limit."""
        limit, before = self.limit(guards, operation), used(guards, operation, self.when.day)
        return Remaining(max(0, limit.count - before.count), max(0, limit.amount_minor - before.amount_minor))

    def check(self, guards: Guards, operation: Operation, amount_minor: int) -> Remaining:
        """What would be left afterwards; takes nothing.

        Raises ``Refused`` LIMIT_COUNT or LIMIT_AMOUNT with the numbers.
        """
        before = used(guards, operation, self.when.day)
        reason = excess(before, amount_minor, self.limit(guards, operation))
        if reason:
            raise Refused(reason, **self.version.facts(guards.level, operation, before, self.when.ends_at))
        left = self.remaining(guards, operation)
        return Remaining(left.count - 1, left.amount_minor - amount_minor)

    def take(
        self, person: int, operation: Operation, amount_minor: int, *, counts: int = 1, refusal: Reason | None = None
    ) -> TakeLimit:
        """The guard that takes an operation out of the day's limit, for a posting; see ``TakeLimit``."""
        return TakeLimit(
            person, operation, amount_minor, self.when.day, self.known, self.starts_at_hour, refusal, counts=counts
        )


async def today(ports: Ports) -> Today:
    """The present day by database time."""
    now, hour = await ports.store.now(), ports.settings.day_starts_at_hour
    return Today(now, day_of(now, hour), next_day_at(now, hour))


async def limits_today(ports: Ports) -> LimitsToday:
    """The present day with its limits. Raises ``Refused(LEVELS_UNSOUND)``: then nothing is allowed that takes one."""
    when = await today(ports)
    return LimitsToday(when, await known_levels(ports, when.now), ports.settings.day_starts_at_hour)


async def surplus_limits(ports: Ports, credited: Crediting) -> tuple[TakeLimit, ...]:
    """The limits for what an order took none for; none where it took enough. Raises ``Refused(LEVELS_UNSOUND)``."""
    surplus_minor, counts = credited.surplus_minor, credited.surplus_counts
    if not surplus_minor:
        return ()
    limits, invoice = await limits_today(ports), credited.invoice
    operations = purchases_with(invoice.asset)
    return tuple(limits.take(invoice.person, each, surplus_minor, counts=counts) for each in operations)
