"""Levels of a hot wallet: when it is short, when it is full, to what it is brought back, and when people hear of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.hot_wallet import Level, MarkShort
from wallet_core.domain.money import Asset

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def level(free: int, queued: int = 0, floor: int = 100, ceiling: int = 300) -> Level:
    return Level(
        id=Asset.BTC,
        address="a",
        free_minor=free,
        queued_minor=queued,
        floor_minor=floor,
        ceiling_minor=ceiling,
        at=NOW,
    )


@pytest.mark.parametrize(
    ("free", "queued", "missing", "surplus"),
    [
        (100, 0, 0, 0),
        (99, 0, 101, 0),
        (150, 51, 101, 0),
        (150, 50, 0, 0),
        (300, 0, 0, 0),
        (301, 0, 0, 101),
        (350, 50, 0, 0),
        (351, 50, 0, 101),
        (0, 1_000, 1_200, 0),
    ],
)
def test_below_the_floor_it_is_short_and_above_the_ceiling_full(
    free: int, queued: int, missing: int, surplus: int
) -> None:
    present = level(free, queued)
    assert (present.missing_minor, present.surplus_minor) == (missing, surplus)


def test_a_floor_or_a_ceiling_may_stand_alone() -> None:
    assert (level(99, ceiling=0).missing_minor, level(10**9, ceiling=0).surplus_minor) == (101, 0)
    assert (level(0, floor=0).missing_minor, level(301, floor=0).surplus_minor) == (0, 151)


AMOUNT = st.integers(0, 10**12)


@given(AMOUNT, AMOUNT, AMOUNT, AMOUNT)
def test_what_is_done_about_it_ends_it_and_never_takes_what_waits(
    free: int, queued: int, floor: int, above: int
) -> None:
    before = level(free, queued, floor, floor + above + 1)
    assert not (before.missing_minor and before.surplus_minor)
    after = level(free + before.missing_minor - before.surplus_minor, queued, floor, floor + above + 1)
    assert (after.missing_minor, after.surplus_minor) == (0, 0)
    assert not before.surplus_minor or after.free_minor >= queued + floor


@pytest.mark.parametrize(
    ("free", "told", "news"),
    [(200, 0, None), (99, 0, 101), (99, 101, None), (50, 101, None), (48, 101, 152), (100, 101, 0), (200, 101, 0)],
)
def test_people_hear_of_it_once_when_it_grows_by_half_and_when_it_is_over(
    free: int, told: int, news: int | None
) -> None:
    assert level(free).news(told) == news


def test_a_mark_counts_shortages_and_refuses_another_start() -> None:
    rail = {"_id": "BTC"}
    begun = MarkShort(Asset.BTC, 0, 5).apply(rail, NOW)
    assert begun == {**rail, "short_minor": 5, "shortages": 1}
    grown = MarkShort(Asset.BTC, 5, 9).apply(begun, NOW)
    assert MarkShort(Asset.BTC, 9, 0).apply(grown, NOW) == {**rail, "short_minor": 0, "shortages": 1}
    with pytest.raises(Refused) as refused:
        MarkShort(Asset.BTC, 0, 5).apply(begun, NOW)
    assert refused.value.reason is Reason.CHANGED_MEANWHILE
    with pytest.raises(InvariantViolated):
        MarkShort(Asset.BTC, 0, 5).apply(None, NOW)
