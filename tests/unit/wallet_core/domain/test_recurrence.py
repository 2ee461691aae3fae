"""When something is due again: by the clock on the wall, across months, years and summer time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.recurrence import Every, Rule, zone_of

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "after", "due"),
    [
        (Rule(every=Every.DAY, minute=480), "2026-11-26 07:59", "2026-11-26 08:00"),
        (Rule(every=Every.DAY, minute=480), "2026-11-26 08:00", "2026-11-27 08:00"),
        (Rule(every=Every.DAY, minute=480, zone=BERLIN), "2026-11-26 06:59", "2026-11-26 07:00"),
        (Rule(every=Every.DAY, minute=480, zone=BERLIN), "2026-07-01 05:59", "2026-07-01 06:00"),
        # Monday, in a zone where it is Monday already.
        (Rule(every=Every.WEEK, minute=60, day=0, zone="Asia/Tokyo"), "2026-11-29 15:59", "2026-11-29 16:00"),
        (Rule(every=Every.WEEK, minute=60, day=0, zone="Asia/Tokyo"), "2026-11-29 16:00", "2026-12-06 16:00"),
        (Rule(every=Every.MONTH, minute=0, day=31), "2027-01-31 00:00", "2027-02-28 00:00"),
        (Rule(every=Every.MONTH, minute=0, day=31), "2027-02-28 00:00", "2027-03-31 00:00"),
        (Rule(every=Every.MONTH, minute=0, day=29), "2028-02-01 00:00", "2028-02-29 00:00"),
        (Rule(every=Every.MONTH, minute=0, day=1), "2026-12-01 00:00", "2027-01-01 00:00"),
        # 02:30 is not on the wall on 28 March 2027 in Berlin, and is there twice on 31 October.
        (Rule(every=Every.DAY, minute=150, zone=BERLIN), "2027-03-27 12:00", "2027-03-28 01:30"),
        (Rule(every=Every.DAY, minute=150, zone=BERLIN), "2027-10-30 12:00", "2027-10-31 00:30"),
        (Rule(every=Every.DAY, minute=150, zone=BERLIN), "2027-10-31 00:30", "2027-11-01 01:30"),
    ],
)
def test_the_next_time(rule: Rule, after: str, due: str) -> None:
    assert rule.next_after(at(after)) == at(due)


@given(
    st.builds(
        Rule,
        every=st.sampled_from(Every),
        minute=st.integers(0, 1_439),
        day=st.integers(1, 6),
        zone=st.sampled_from([BERLIN, "UTC", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]),
    ),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - the strategy takes naive bounds
)
def test_it_is_later_and_never_two_periods_away(rule: Rule, naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    longest = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 31}[rule.every]
    # Samoa had no 30 December 2011, and the clocks change by an hour at most.
    assert moment < rule.next_after(moment) <= moment + timedelta(days=longest, hours=2)


@pytest.mark.parametrize(("typed", "zone"), [("europe/berlin", BERLIN), (" America/New York ", "America/New_York")])
def test_a_zone_is_known_by_its_name(typed: str, zone: str) -> None:
    assert zone_of(typed) == zone


@pytest.mark.parametrize("typed", ["", "Berlin", "../../secret", "x" * 10_000, "Europe/Berlin\x00"])
def test_anything_else_is_no_zone(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        zone_of(typed)
    assert refused.value.reason is Reason.UNKNOWN_ZONE
