"""When the answers of several tickers amount to a rate. Prices are ITD minor units for one whole coin.

A majority of the tickers must be near their median, so a minority that is wrong, whatever it says, moves the rate by no
more than the tickers may be apart. What they agree upon may still be an error that they share: a jump is no rate until
it has lasted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median_low
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.quote import BASIS_POINTS

#: A rate that was accepted longer ago says nothing of today's: nobody had asked since.
_PAST_SECONDS: Final = 3_600


class NoRate(StrEnum):
    """Why there is no rate, as the fact ``why`` of RATE_UNAVAILABLE."""

    #: No majority of the tickers answers with a fresh price.
    MISSING = "missing"
    #: They answer, and no majority agrees.
    APART = "apart"
    #: They agree on a price far from the last one, and did not for long enough.
    JUMPED = "jumped"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one ticker says."""

    source: str
    itd_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """The median, and the answers near it. ``unanimous``: every ticker that was asked is among them."""

    itd_minor: int
    answers: tuple[Answer, ...]
    unanimous: bool

    @property
    def source(self) -> str:
        """Who agrees, as people are told."""
        return ", ".join(sorted({answer.source for answer in self.answers}))

    @property
    def at(self) -> datetime:
        """The time of the oldest answer in it."""
        return min(answer.at for answer in self.answers)


def agree(asset: Asset, answers: Sequence[Answer], asked: int, max_apart_basis_points: int) -> Agreement:
    """The lower median of what ``asked`` tickers answered, if a majority of them all is near it.

    Raises ``Refused(RATE_UNAVAILABLE)`` with ``why`` MISSING or APART.
    """
    if 2 * len(answers) <= asked:
        raise no_rate(asset, NoRate.MISSING)
    median_minor = median_low(answer.itd_minor for answer in answers)
    near = tuple(answer for answer in answers if _is_near(answer.itd_minor, median_minor, max_apart_basis_points))
    if 2 * len(near) <= asked:
        raise no_rate(asset, NoRate.APART)
    return Agreement(median_minor, near, len(near) == asked)


class Jumps:
    """The last accepted rate of one coin, and the jump that has to last. Times are seconds of one steady clock."""

    def __init__(self, max_basis_points: int, lasting_seconds: float) -> None:
        self._max_basis_points = max_basis_points
        self._lasting_seconds = lasting_seconds
        self._accepted: tuple[int, float] | None = None
        self._jump: tuple[int, float] | None = None

    def allow(self, found: Agreement, at_seconds: float) -> bool:
        """Whether the rate may be used now; if so, the next one is compared with it."""
        if self._is_calm(found.itd_minor, at_seconds) or self._has_lasted(found, at_seconds):
            self._accepted, self._jump = (found.itd_minor, at_seconds), None
            return True
        return False

    def _is_calm(self, itd_minor: int, at_seconds: float) -> bool:
        if self._accepted is None:
            return True
        last_minor, since = self._accepted
        return at_seconds - since > _PAST_SECONDS or _is_near(itd_minor, last_minor, self._max_basis_points)

    def _has_lasted(self, found: Agreement, at_seconds: float) -> bool:
        """A jump counts from when all tickers made it; one that stays behind, or another jump, starts it anew."""
        if not found.unanimous:
            self._jump = None
        elif self._jump is None or not _is_near(found.itd_minor, self._jump[0], self._max_basis_points):
            self._jump = found.itd_minor, at_seconds
        return self._jump is not None and at_seconds - self._jump[1] >= self._lasting_seconds


def no_rate(asset: Asset, why: NoRate) -> Refused:
    """The refusal, to be raised."""
    return Refused(Reason.RATE_UNAVAILABLE, asset=asset, why=why)


def _is_near(itd_minor: int, other_minor: int, basis_points: int) -> bool:
    return abs(itd_minor - other_minor) * BASIS_POINTS <= basis_points * other_minor
