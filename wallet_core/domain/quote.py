"""Rates and quotes: what a purchase costs and what a withdrawal pays, in integers throughout.

A rate is ITD minor units for one whole coin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from wallet_core.domain.money import Asset, ceil_div, one_coin_minor

BASIS_POINTS: Final = 10_000
#: The source of a rate that is a setting: a dollar's.
FIXED: Final = "fixed"


@dataclass(frozen=True, slots=True)
class Heard:
    """What one source said: ITD minor units for a whole coin, and of when; None where it gave no price."""

    source: str
    itd_minor: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What one whole coin is worth in ITD minor units, from where and from when.

    People trade at the two rates beside it: the spread pays for what the price does while they are promised one.
    """

    asset: Asset
    itd_minor: int
    source: str
    at: datetime
    spread_basis_points: int = 0
    #: Every source that was asked, also those that count for nothing.
    heard: tuple[Heard, ...] = field(default=(), compare=False)

    @property
    def purchase_minor(self) -> int:
        """ITD minor units that a person gets for a whole coin: rounded down."""
        return self.itd_minor * (BASIS_POINTS - self.spread_basis_points) // BASIS_POINTS

    @property
    def withdrawal_minor(self) -> int:
        """ITD minor units that a person gives for a whole coin: rounded up."""
        return ceil_div(self.itd_minor * (BASIS_POINTS + self.spread_basis_points), BASIS_POINTS)


def coins_for(itd_minor: int, rate_minor: int, asset: Asset) -> int:
    """Coin minor units that a person must pay for this much ITD: rounded up."""
    return ceil_div(itd_minor * one_coin_minor(asset), rate_minor)


def coins_out(itd_minor: int, rate_minor: int, asset: Asset) -> int:
    """Coin minor units that are paid out for this much ITD: rounded down."""
    return itd_minor * one_coin_minor(asset) // rate_minor


def itd_for(coin_minor: int, rate_minor: int, asset: Asset) -> int:
    """ITD minor units for this many coins: rounded down."""
    return coin_minor * rate_minor // one_coin_minor(asset)


def itd_worth(coin_minor: int, rate_minor: int, asset: Asset) -> int:
    """ITD minor units that these coins cost the house: rounded up, so that the rest is the rounding."""
    return ceil_div(coin_minor * rate_minor, one_coin_minor(asset))


def share(amount_minor: int, basis_points: int) -> int:
    """A fee of so many hundredths of a percent, rounded up."""
    return ceil_div(amount_minor * basis_points, BASIS_POINTS)


def shares(total_minor: int, count: int) -> list[int]:
    """A total in so many nearly equal parts; the first ones bear what does not divide."""
    each_minor, rest = divmod(total_minor, count)
    return [each_minor + 1] * rest + [each_minor] * (count - rest)


def without_share(gross_minor: int, basis_points: int) -> int:
    """The amount that, with its ``share`` on top, comes nearest to the gross from below."""
    return gross_minor * BASIS_POINTS // (BASIS_POINTS + basis_points)
