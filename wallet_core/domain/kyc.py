"""KYC levels: how many operations, and for how much, a person may do a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.record import Document, Target

_DAYS_KEPT: Final = 40


class Operation(StrEnum):
    """What the levels regulate."""

    SEND = "send"
    RECEIVE = "receive"
    PURCHASE = "purchase"
    PAYOUT = "payout"
    #: A purchase by card, which is a purchase as well: it can be taken back, so less of it is allowed.
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a person may do on one day: a count, and an amount in ITD minor units."""

    count: int
    amount_minor: int


def _level(counts: tuple[int, ...], amounts_itd: tuple[int, ...]) -> Mapping[Operation, Limit]:
    unit = one_coin_minor(Asset.ITD)
    return {op: Limit(n, itd * unit) for op, n, itd in zip(Operation, counts, amounts_itd, strict=True)}


#: Daily limits by level, in the order send, receive, purchase, payout, card.
LEVELS: Final[Mapping[int, Mapping[Operation, Limit]]] = {
    1: _level((10, 50, 5, 3, 3), (500, 2_000, 500, 250, 250)),
    2: _level((50, 250, 20, 10, 10), (5_000, 20_000, 5_000, 2_500, 2_500)),
    3: _level((200, 1_000, 50, 30, 20), (50_000, 200_000, 50_000, 25_000, 10_000)),
}


@dataclass(frozen=True, slots=True)
class Used:
    """What a person has done of one operation on one day."""

    count: int
    amount_minor: int


def day_of(now: datetime, starts_at_hour: int = 0) -> str:
    """The UTC day, ``2026-11-22``, that a moment counts for, when days start at this hour."""
    return (now - timedelta(hours=starts_at_hour)).strftime("%Y-%m-%d")


def next_day_at(now: datetime, starts_at_hour: int = 0) -> datetime:
    """When the next day starts and counters are at zero again."""
    midnight = (now - timedelta(hours=starts_at_hour)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1, hours=starts_at_hour)


def first_day_kept(limits: Mapping[str, object]) -> str:
    """The first day whose counters ``Guards.limits`` still has; empty while none was ever dropped."""
    return min(limits) if len(limits) >= _DAYS_KEPT else ""


def used(guards: Guards, operation: Operation, day: str) -> Used:
    """What the person has used of an operation's limit on a day."""
    counter = guards.limits.get(day, {}).get(operation)
    return Used(counter["count"], counter["amount_minor"]) if counter else Used(0, 0)


def excess(used: Used, amount_minor: int, limit: Limit) -> Reason | None:
    """Which limit one more operation of this amount would break, if any."""
    if used.count + 1 > limit.count:
        return Reason.LIMIT_COUNT
    return Reason.LIMIT_AMOUNT if used.amount_minor + amount_minor > limit.amount_minor else None


@dataclass(frozen=True, slots=True)
class TakeLimit:
    """Takes one operation out of the person's limit of the day, by the level that they have at that moment.

    ``day`` was read from database time and must still be the day when the posting is decided. ``counts`` is 0 where
    only the amount is taken: the surplus of an operation that was counted before, or dust from a stranger.
    """

    person: int
    operation: Operation
    amount_minor: int
    day: str
    starts_at_hour: int = 0
    refusal: Reason | None = None
    counts: int = 1

    @property
    def target(self) -> Target:
        """The person's guards."""
        return Target(Guards.collection, self.person)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The guards with the counter raised. Raises ``Refused`` with the numbers, or CHANGED_MEANWHILE at midnight."""
        if day_of(now, self.starts_at_hour) != self.day:
            raise Refused(Reason.CHANGED_MEANWHILE, what="day")
        guards = Guards.required(document)
        limit = LEVELS[guards.level][self.operation]
        before = used(guards, self.operation, self.day)
        counted = Used(before.count - (1 - self.counts), before.amount_minor)
        reason = excess(counted, self.amount_minor, limit)
        if reason:
            raise self._refusal(
                reason, limit_facts(guards.level, self.operation, before, next_day_at(now, self.starts_at_hour))
            )
        return _count(guards, self.operation, self.day, self.counts, self.amount_minor)

    def _refusal(self, reason: Reason, facts: dict[str, object]) -> Refused:
        """A stranger's figures are nobody's business: with a ``refusal`` of its own it has no numbers."""
        return Refused(self.refusal) if self.refusal else Refused(reason, **facts)


@dataclass(frozen=True, slots=True)
class GiveBackLimit:
    """Gives an operation back to the day that it was taken from; with ``counts`` 0 its amount alone."""

    person: int
    operation: Operation
    amount_minor: int
    day: str
    counts: int = 1

    @property
    def target(self) -> Target:
        """The person's guards."""
        return Target(Guards.collection, self.person)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The guards with the counter lowered; a day too old to be kept needs no giving back."""
        guards = Guards.required(document)
        if self.day not in guards.limits:
            return guards.document()
        return _count(guards, self.operation, self.day, -self.counts, -self.amount_minor)


def limit_facts(level: int, operation: Operation, used: Used, frees_at: datetime) -> dict[str, object]:
    """What a person is told of a limit: used, allowed, when it frees, and what the next level has."""
    limit = LEVELS[level][operation]
    higher = LEVELS.get(level + 1)
    return {
        "operation": operation,
        "level": level,
        "used_count": used.count,
        "used_minor": used.amount_minor,
        "limit_count": limit.count,
        "limit_minor": limit.amount_minor,
        "frees_at": frees_at,
        "next_level_count": higher[operation].count if higher else None,
        "next_level_minor": higher[operation].amount_minor if higher else None,
    }


def _count(guards: Guards, operation: Operation, day: str, count: int, amount_minor: int) -> Document:
    before = used(guards, operation, day)
    counter = {"count": max(0, before.count + count), "amount_minor": max(0, before.amount_minor + amount_minor)}
    days = {**guards.limits, day: {**guards.limits.get(day, {}), operation.value: counter}}
    kept = dict(sorted(days.items())[-_DAYS_KEPT:])
    return guards.model_copy(update={"limits": kept}).document()
