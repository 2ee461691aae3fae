"""What is owed and what is ours, and which day a report is of."""

from datetime import UTC, datetime

import pytest

from tests.unit.wallet_core.world import ETH, ETH_RATE_MINOR, ITD
from wallet_core.domain.day_report import DayReport, Holding, day_of, holding, owed_minor, owned_minor
from wallet_core.domain.money import Asset


@pytest.mark.parametrize(
    ("hour", "minute", "day"), [(6, 59, "2026-11-21"), (7, 0, "2026-11-22"), (23, 59, "2026-11-22")]
)
def test_a_day_is_reported_from_its_hour_on(hour: int, minute: int, day: str) -> None:
    assert day_of(datetime(2026, 11, 22, hour, minute, tzinfo=UTC), 7) == day


def test_what_is_owed_to_people_is_what_the_houses_own_accounts_leave() -> None:
    # People have 100: they were sold 110 and paid fees of 10, half of which the house has spent on a claim.
    assert owed_minor({"trading": -110 * ITD, "income:fees": 10 * ITD, "expense:claims": 0}) == 100 * ITD
    assert owed_minor({"trading": -110 * ITD, "income:fees": 10 * ITD, "expense:claims": 5 * ITD}) == 105 * ITD


def test_what_lies_aside_for_people_is_not_ours() -> None:
    assert owned_minor({"hot": 5, "cold": 4, "deposits": 3, "transit": 2, "clearing": 1, "suspense": 6}) == 9


def test_coins_without_a_rate_are_worth_nobody_knows_what_and_none_are_worth_nothing() -> None:
    assert holding(Asset.ETH, ETH, ETH_RATE_MINOR) == Holding(Asset.ETH, ETH, ETH_RATE_MINOR)
    assert holding(Asset.ETH, 0, None) == Holding(Asset.ETH, 0, 0)
    unknown = holding(Asset.ETH, 1, None)
    none = dict.fromkeys(("reviews", "cases", "applications", "seals"), 0)
    fields = {"day": "2026-11-22", "owed_minor": 5, "rails": (), "volumes": {}, **none}
    report = DayReport(**fields, holdings=(unknown,), verified_at=None, troubles=())  # type: ignore[arg-type]  # as above
    assert report.worth_minor is None and report.facts()["worth_minor"] is None
