"""KYC levels: how many operations, and for how much, a person may do a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.record import Document, Target

_DAYS_KEPT: Final = 40
#: What ``Refused(CHANGED_MEANWHILE)`` names when the day, or what was read of the levels, is over: read anew.
DAY: Final = "day"
LEVELS_READ: Final = "levels"


class Operation(StrEnum):
    """What the levels regulate."""

    SEND = "send"
    RECEIVE = "receive"
    PURCHASE = "purchase"
    PAYOUT = "payout"
    #: A purchase by card, which is a purchase as well: it can be taken back, so less of it is allowed.
    CARD = "card"
    #: A purchase with this coin, which is a purchase as well.
    PURCHASE_BTC = "purchase_btc"
    PURCHASE_ETH = "purchase_eth"
    PURCHASE_LTC = "purchase_ltc"


#: What a purchase takes beside PURCHASE, by how it is paid.
PURCHASE_WITH: Final[Mapping[Asset, Operation]] = {
    Asset.BTC: Operation.PURCHASE_BTC,
    Asset.ETH: Operation.PURCHASE_ETH,
    Asset.LTC: Operation.PURCHASE_LTC,
    Asset.USD: Operation.CARD,
}


def purchases_with(asset: Asset) -> tuple[Operation, Operation]:
    """Both limits that a purchase takes: of purchases in all, and of those that are paid in this way."""
    return Operation.PURCHASE, PURCHASE_WITH[asset]


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a person may do on one day: a count, and an amount in ITD minor units."""

    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Used:
    """What a person has done of one operation on one day."""

    count: int
    amount_minor: int


def _level(counts: tuple[int, ...], amounts_itd: tuple[int, ...]) -> Mapping[Operation, Limit]:
    unit = one_coin_minor(Asset.ITD)
    return {op: Limit(n, itd * unit) for op, n, itd in zip(Operation, counts, amounts_itd, strict=True)}


#: The limits of each level.
Levels = Mapping[int, Mapping[Operation, Limit]]

#: What counts until a table is stored, in the order send, receive, purchase, payout, card, and each coin.
LEVELS: Final[Levels] = {
    1: _level((10, 50, 5, 3, 3, 5, 5, 5), (500, 2_000, 500, 250, 250, 500, 500, 500)),
    2: _level((50, 250, 20, 10, 10, 20, 20, 20), (5_000, 20_000, 5_000, 2_500, 2_500, 5_000, 5_000, 5_000)),
    3: _level((200, 1_000, 50, 30, 20, 50, 50, 50), (50_000, 200_000, 50_000, 25_000, 10_000, 50_000, 50_000, 50_000)),
}


@dataclass(frozen=True, slots=True)
class LevelVersion:
    """The limits of all levels, the number of the table that has them, and from when on they count; None: always."""

    number: int
    levels: Levels
    begins_at: datetime | None = None

    def limit(self, level: int, operation: Operation) -> Limit:
        """One limit. Raises ``InvariantViolated`` for a level that there is not."""
        if level not in self.levels:
            raise InvariantViolated(f"there is no level {level}")
        return self.levels[level][operation]

    def facts(self, level: int, operation: Operation, used: Used, frees_at: datetime) -> dict[str, object]:
        """What a person is told of a limit: used, allowed, when it frees, and what the next level has."""
        limit, higher = self.limit(level, operation), self.levels.get(level + 1)
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


@dataclass(frozen=True, slots=True)
class KnownLevels:
    """The versions that may count until ``good_until``, as they were read, the earlier one first.

    No version begins less than ``level_table.KNOWN_AHEAD`` after it was approved, so that whoever read shorter ago
    knows all that can count by now. No document has to be read, or written, by every movement for it.
    """

    versions: tuple[LevelVersion, ...]
    good_until: datetime | None = None

    def at(self, now: datetime) -> LevelVersion:
        """The version of this moment. Raises ``Refused(CHANGED_MEANWHILE)`` when it was read too long ago to tell."""
        if self.good_until is not None and now >= self.good_until:
            raise Refused(Reason.CHANGED_MEANWHILE, what=LEVELS_READ)
        begun = (each for each in reversed(self.versions) if each.begins_at is None or each.begins_at <= now)
        # A clock that was set back is before all of them.
        return next(begun, self.versions[0])


#: What is known where no table was ever stored.
BUILT_IN_LEVELS: Final = KnownLevels((LevelVersion(0, LEVELS),))


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
    """Takes one operation out of the person's limit of the day, by the level that they have at that moment, and by the
    table that counts then.

    ``day`` was read from database time and must still be the day when the posting is decided. ``counts`` is 0 where
    only the amount is taken: the surplus of an operation that was counted before, or dust from a stranger.
    """

    person: int
    operation: Operation
    amount_minor: int
    day: str
    known: KnownLevels
    starts_at_hour: int = 0
    refusal: Reason | None = None
    counts: int = 1

    @property
    def target(self) -> Target:
        """The person's guards."""
        return Target(Guards.collection, self.person)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The guards with the counter raised. Raises ``Refused`` with the numbers, or CHANGED_MEANWHILE when the day is
        over, or the time for which the levels were read.
        """
        if day_of(now, self.starts_at_hour) != self.day:
            raise Refused(Reason.CHANGED_MEANWHILE, what=DAY)
        version, guards = self.known.at(now), Guards.required(document)
        before = used(guards, self.operation, self.day)
        counted = Used(before.count - (1 - self.counts), before.amount_minor)
        reason = excess(counted, self.amount_minor, version.limit(guards.level, self.operation))
        if reason:
            frees_at = next_day_at(now, self.starts_at_hour)
            raise self._refusal(reason, version.facts(guards.level, self.operation, before, frees_at))
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


def _count(guards: Guards, operation: Operation, day: str, count: int, amount_minor: int) -> Document:
    before = used(guards, operation, day)
    counter = {"count": max(0, before.count + count), "amount_minor": max(0, before.amount_minor + amount_minor)}
    days = {**guards.limits, day: {**guards.limits.get(day, {}), operation.value: counter}}
    kept = dict(sorted(days.items())[-_DAYS_KEPT:])
    return guards.model_copy(update={"limits": kept}).document()


def level_set(person: int, level: int, before: int) -> ChangeGuards:
    """Puts the person on another KYC level. Raises ``Refused(CHANGED_MEANWHILE)`` unless they are on ``before``."""

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.level != before:
            raise Refused(Reason.CHANGED_MEANWHILE, what="level")
        return guards.with_(level=level)

    return ChangeGuards(person, change)
