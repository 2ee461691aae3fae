"""What people type for a range of days."""

from datetime import UTC, datetime

import pytest

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.period import range_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def days(text: str, *, hour: int = 0, now: datetime = NOW) -> tuple[str, str]:
    start, end = range_of(text, now, hour)
    return start.isoformat(), end.isoformat()


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("", "2026-11-01", "2026-12-01"),
        ("2026-10", "2026-10-01", "2026-11-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2026-10-15", "2026-10-15", "2026-10-16"),
        ("2026-10-01  2026-10-15", "2026-10-01", "2026-10-16"),
        ("2026-11-22 2027-01-01", "2026-11-22", "2027-01-02"),
    ],
)
def test_a_month_a_day_and_two_days_are_understood_and_the_last_day_is_in_it(text: str, first: str, after: str) -> None:
    assert days(text) == (f"{first}T00:00:00+00:00", f"{after}T00:00:00+00:00")


def test_days_begin_at_the_wallets_own_hour() -> None:
    assert days("2026-10", hour=5) == ("2026-10-01T05:00:00+00:00", "2026-11-01T05:00:00+00:00")
    early = datetime(2026, 11, 1, 4, 59, tzinfo=UTC)
    assert days("", hour=5, now=early) == days("2026-10", hour=5)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "2026", "2026-13", "2026-10-32", "2026-10-15 2026-10-01", "2026-11-23", "2026-12", "20261001",
        "2026-10 2026-11", "2026-10-01 2026-10-02 2026-10-03", "2026-W40-1", "٢٠٢٦-10", "0000-01", "9999-12",
        "2026-10-01 9999-12-31", "9" * 5_000,
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        range_of(text, NOW, 0)
    assert refused.value.reason is Reason.BAD_RANGE
