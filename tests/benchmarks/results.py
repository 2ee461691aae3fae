"""What a benchmark has to say: ratios, round by round, and the figures that stand behind them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """Movements a second, and how long one took: median and 99th percentile. ``failed`` were given up."""

    a_second: float
    p50_ms: float
    p99_ms: float
    failed: int = 0


def rate_of(done: int, elapsed_seconds: float, latencies_seconds: Sequence[float], failed: int = 0) -> Rate:
    """So many in so much time. Raises ``ValueError`` when all failed: there is nothing to compare."""
    if not latencies_seconds:
        raise ValueError(f"{failed} movements failed and none succeeded")
    ordered = sorted(latencies_seconds)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return Rate(done / elapsed_seconds, 1_000 * statistics.median(ordered), 1_000 * p99, failed)


def fastest(rates: Sequence[Rate]) -> Rate:
    """The one with the most movements a second."""
    return max(rates, key=lambda rate: rate.a_second)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a ratio should reach; it is reported, and nothing fails when it does not."""

    ratio: float
    at_least: bool = True

    def met(self, ratio: float) -> bool:
        """Whether this ratio reaches it."""
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.ratio:g}"


def at_least(ratio: float) -> Reach:
    """More is better."""
    return Reach(ratio)


def at_most(ratio: float) -> Reach:
    """Less is better."""
    return Reach(ratio, at_least=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. Without ratios it could not be made, and ``note`` says why."""

    what: str
    compared_with: str
    #: One a round.
    ratios: Sequence[float] = ()
    reach: Reach | None = None
    more_is_better: bool = True
    #: Medians over the rounds of what was measured on either side, by names that end with their unit.
    ours: Mapping[str, float] = field(default_factory=dict)
    theirs: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest of the rounds."""
        return min(self.ratios), max(self.ratios)

    @property
    def is_met(self) -> bool | None:
        """None where there is nothing to reach or nothing was measured."""
        return self.reach.met(self.ratio) if self.reach and self.ratios else None

    def document(self) -> dict[str, Any]:
        """For JSON."""
        measured = {"ratio": self.ratio, "spread": self.spread} if self.ratios else {}
        return {**asdict(self), **measured, "reach": str(self.reach) if self.reach else None, "met": self.is_met}


def medians(rates: Sequence[Rate]) -> dict[str, float]:
    """Each figure's median over the rounds; failures are summed, and left out when there were none."""
    failed = sum(rate.failed for rate in rates)
    names = ("a_second", "p50_ms", "p99_ms")
    figures = {name: statistics.median(getattr(rate, name) for rate in rates) for name in names}
    return {**figures, "failed": failed} if failed else figures


def rate_row(what: str, compared_with: str, ours: Sequence[Rate], theirs: Sequence[Rate], reach: Reach | None) -> Row:
    """A row of movements a second; the two sides' rounds belong together pair by pair."""
    ratios = [mine.a_second / its.a_second for mine, its in zip(ours, theirs, strict=True)]
    return Row(what, compared_with, ratios, reach, ours=medians(ours), theirs=medians(theirs))


def time_row(what: str, compared_with: str, ours: Sequence[float], theirs: Sequence[float], reach: Reach | None) -> Row:
    """A row of seconds, of which less is better."""
    ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
    mine, its = ({"seconds": statistics.median(side)} for side in (ours, theirs))
    return Row(what, compared_with, ratios, reach, more_is_better=False, ours=mine, theirs=its)
