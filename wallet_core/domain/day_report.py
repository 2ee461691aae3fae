"""The figures that admins are told once a day, and what of them is not well. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from wallet_core.domain.accounts import PLATFORM_ACCOUNTS, Side
from wallet_core.domain.money import Asset
from wallet_core.domain.quote import itd_for


class Trouble(StrEnum):
    """What is not well."""

    UNCOVERED = "uncovered"
    UNPRICED = "unpriced"
    MODE = "mode"
    RAIL = "rail"
    ALARMS = "alarms"
    QUEUE = "queue"
    SHORT = "short"
    REVIEWS = "reviews"
    CASES = "cases"
    APPLICATIONS = "applications"
    SEALS = "seals"
    UNVERIFIED = "unverified"
    GAPS = "gaps"
    SILENT = "silent"
    OUTBOX = "outbox"


#: A payout, a review, a case or an application for a level that waits for longer is not well.
LONG_WAIT: Final = timedelta(days=1)
#: So is a group without its seal, or a message that nobody was given.
LONG_TAIL: Final = timedelta(minutes=10)
#: And books that nobody has looked through for so long.
VERIFIED_WITHIN: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Holding:
    """Coins of one asset that are ours, in its minor units, and their worth in ITD minor units; None without a rate."""

    asset: Asset
    coin_minor: int
    worth_minor: int | None


def day_of(now: datetime, hour: int) -> str:
    """The day whose report is the last one due: today's from ``hour`` (UTC) on, else yesterday's."""
    return (now - timedelta(hours=hour)).strftime("%Y-%m-%d")


def owed_minor(balances: Mapping[str, int]) -> int:
    """ITD minor units that we owe to people: what the platform's own accounts in ITD leave of a balanced book."""
    signed = {Side.DEBIT: 1, Side.CREDIT: -1}
    return sum(signed[PLATFORM_ACCOUNTS[name]] * minor for name, minor in balances.items())


def owned_minor(balances: Mapping[str, int]) -> int:
    """Coins that are ours in one asset: in all wallets, on their way between them and at the card company, less what
    lies aside for people to whom it may go back.
    """
    ours = ("hot", "cold", "deposits", "transit", "clearing")
    return sum(balances.get(name, 0) for name in ours) - balances.get("suspense", 0)


def holding(asset: Asset, coin_minor: int, rate_minor: int | None) -> Holding:
    """What coins are worth at a rate; a loss is worth less than nothing."""
    if not coin_minor:
        return Holding(asset, 0, 0)
    return Holding(asset, coin_minor, None if rate_minor is None else itd_for(coin_minor, rate_minor, asset))


@dataclass(frozen=True, slots=True)
class DayReport:
    """What is told of a day. Amounts in ITD minor units unless said otherwise."""

    day: str
    owed_minor: int
    holdings: tuple[Holding, ...]
    #: The rails' own figures, as plain facts.
    rails: tuple[Mapping[str, Any], ...]
    reviews: int
    cases: int
    applications: int
    volumes: Mapping[str, int]
    seals: int
    verified_at: datetime | None
    troubles: tuple[Trouble, ...]

    @property
    def worth_minor(self) -> int | None:
        """What all that is ours is worth; None while one of its coins has no rate."""
        worths = [holding.worth_minor for holding in self.holdings]
        return None if None in worths else sum(worth for worth in worths if worth is not None)

    def facts(self) -> dict[str, Any]:
        """As it is told."""
        return {
            "day": self.day,
            "owed_minor": self.owed_minor,
            "worth_minor": self.worth_minor,
            "holdings": [
                {"asset": held.asset, "coin_minor": held.coin_minor, "worth_minor": held.worth_minor}
                for held in self.holdings
            ],
            "rails": [dict(rail) for rail in self.rails],
            "reviews": self.reviews,
            "cases": self.cases,
            "applications": self.applications,
            "volumes": dict(self.volumes),
            "seals": self.seals,
            "verified_at": self.verified_at,
            "troubles": [trouble.value for trouble in self.troubles],
        }
