"""Daily limits: the table, its boundaries, midnight, and giving back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import (
    BUILT_IN_LEVELS,
    LEVELS,
    GiveBackLimit,
    Limit,
    Operation,
    TakeLimit,
    Used,
    day_of,
    excess,
    next_day_at,
    used,
)
from wallet_core.domain.record import Document

DAY = "2026-11-22"
#: Without a zone, as hypothesis takes them.
_FIRST, _LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2020, 2040))
#: level -> operation -> count and whole ITD a day, as the design has it.
TABLE: dict[int, dict[str, tuple[int, int]]] = {
    1: {
        "send": (10, 500), "receive": (50, 2_000), "purchase": (5, 500), "payout": (3, 250), "card": (3, 250),
        "purchase_btc": (5, 500), "purchase_eth": (5, 500), "purchase_ltc": (5, 500),
    },
    2: {
        "send": (50, 5_000), "receive": (250, 20_000), "purchase": (20, 5_000), "payout": (10, 2_500),
        "card": (10, 2_500),
        "purchase_btc": (20, 5_000), "purchase_eth": (20, 5_000), "purchase_ltc": (20, 5_000),
    },
    3: {
        "send": (200, 50_000), "receive": (1_000, 200_000), "purchase": (50, 50_000), "payout": (30, 25_000),
        "card": (20, 10_000),
        "purchase_btc": (50, 50_000), "purchase_eth": (50, 50_000), "purchase_ltc": (50, 50_000),
    },
}  # fmt: skip


def guards_with(count: int = 0, itd: int = 0, *, operation: Operation = Operation.SEND, level: int = 1) -> Guards:
    counter = {"count": count, "amount_minor": itd * ITD}
    return Guards(id=1, level=level, limits={DAY: {operation: counter}})


def taking(itd: float, **changed: object) -> TakeLimit:
    asked = {"person": 1, "operation": Operation.SEND, "amount_minor": round(itd * ITD), "day": DAY}
    return TakeLimit(**asked | {"known": BUILT_IN_LEVELS} | changed)


def take(guards: Guards, itd: float, **changed: object) -> Used:
    change = TakeLimit(
        **{
            "person": 1,
            "operation": Operation.SEND,
            "amount_minor": round(itd * ITD),
            "day": DAY,
            "known": BUILT_IN_LEVELS,
        }
        | changed
    )
    return used(Guards.of(change.apply(guards.document(), NOON)), change.operation, DAY)


def refusal(guards: Guards | None, itd: float, *, now: datetime = NOON, **changed: object) -> Refused:
    change = TakeLimit(
        **{
            "person": 1,
            "operation": Operation.SEND,
            "amount_minor": round(itd * ITD),
            "day": DAY,
            "known": BUILT_IN_LEVELS,
        }
        | changed
    )
    with pytest.raises(Refused) as refused:
        change.apply(guards.document() if guards else None, now)
    return refused.value


@pytest.mark.parametrize("level", TABLE)
@pytest.mark.parametrize("operation", Operation)
def test_each_level_allows_what_the_design_says(level: int, operation: Operation) -> None:
    count, itd = TABLE[level][operation]
    assert LEVELS[level][operation] == Limit(count, itd * ITD)


def test_there_are_three_levels_and_each_regulates_every_operation() -> None:
    assert LEVELS.keys() == TABLE.keys()
    assert all(limits.keys() == set(Operation) for limits in LEVELS.values())


# Boundaries


@pytest.mark.parametrize(
    ("before", "amount", "reason"),
    [
        (Used(0, 0), 100, None),
        (Used(0, 0), 101, Reason.LIMIT_AMOUNT),
        (Used(0, 99), 1, None),
        (Used(0, 99), 2, Reason.LIMIT_AMOUNT),
        (Used(0, 100), 1, Reason.LIMIT_AMOUNT),
        (Used(1, 0), 1, None),
        (Used(2, 0), 1, Reason.LIMIT_COUNT),
        (Used(2, 100), 1, Reason.LIMIT_COUNT),
    ],
)
def test_a_limit_may_be_used_up_and_not_exceeded(before: Used, amount: int, reason: Reason | None) -> None:
    assert excess(before, amount, Limit(2, 100)) is reason


def test_taking_counts_one_operation_and_its_amount() -> None:
    assert take(guards_with(1, 5), 2) == Used(2, 7 * ITD)


def test_the_last_operation_and_the_last_unit_of_a_day_can_be_taken() -> None:
    assert take(guards_with(9, 499), 1) == Used(10, 500 * ITD)


def test_one_operation_too_many_is_refused_with_the_numbers() -> None:
    refused = refusal(guards_with(10, 5), 1)
    assert refused.reason is Reason.LIMIT_COUNT
    assert refused.facts == {
        "operation": Operation.SEND,
        "level": 1,
        "used_count": 10,
        "used_minor": 5 * ITD,
        "limit_count": 10,
        "limit_minor": 500 * ITD,
        "frees_at": datetime(2026, 11, 23, tzinfo=UTC),
        "next_level_count": 50,
        "next_level_minor": 5_000 * ITD,
    }


def test_one_unit_too_much_is_refused() -> None:
    assert refusal(guards_with(1, 499), 1.000001).reason is Reason.LIMIT_AMOUNT


def test_the_limit_is_that_of_the_level_at_the_moment_of_the_posting() -> None:
    assert refusal(guards_with(10), 1).reason is Reason.LIMIT_COUNT
    assert take(guards_with(10, level=2), 1).count == 11


def test_one_operation_does_not_use_up_another() -> None:
    full = guards_with(10, 500, operation=Operation.SEND)
    assert take(full, 1, operation=Operation.PAYOUT) == Used(1, ITD)


def test_the_highest_level_promises_no_higher_one() -> None:
    facts = BUILT_IN_LEVELS.at(NOON).facts(3, Operation.PAYOUT, Used(0, 0), NOON)
    assert (facts["next_level_count"], facts["next_level_minor"]) == (None, None)


def test_a_strangers_figures_are_not_revealed() -> None:
    refused = refusal(guards_with(10), 1, refusal=Reason.RECIPIENT_LIMIT)
    assert refused.reason is Reason.RECIPIENT_LIMIT
    assert refused.facts == {}


def test_who_never_enrolled_has_no_limit_to_take() -> None:
    assert refusal(None, 1).reason is Reason.ENROL_FIRST


def test_a_surplus_adds_its_amount_and_no_operation_even_when_the_count_is_used_up() -> None:
    assert take(guards_with(10, 5), 1, counts=0) == Used(10, 6 * ITD)
    assert refusal(guards_with(10, 500), 1, counts=0).reason is Reason.LIMIT_AMOUNT


@given(amounts=st.lists(st.integers(1, 300 * ITD), max_size=15))
def test_whatever_is_taken_never_exceeds_the_day(amounts: list[int]) -> None:
    document: Document = Guards(id=1).document()
    taken = 0
    for amount in amounts:
        try:
            document = TakeLimit(1, Operation.SEND, amount, DAY, BUILT_IN_LEVELS).apply(document, NOON)
            taken += amount
        except Refused as refused:
            assert refused.reason in (Reason.LIMIT_COUNT, Reason.LIMIT_AMOUNT)
    after = used(Guards.of(document), Operation.SEND, DAY)
    assert after.amount_minor == taken <= 500 * ITD
    assert after.count <= 10


# Midnight


@pytest.mark.parametrize(
    ("now", "hour", "day", "ends"),
    [
        ("2026-11-22T00:00:00", 0, "2026-11-22", "2026-11-23T00:00:00"),
        ("2026-11-22T23:59:59.999999", 0, "2026-11-22", "2026-11-23T00:00:00"),
        ("2026-11-22T05:59:59", 6, "2026-11-21", "2026-11-22T06:00:00"),
        ("2026-11-22T06:00:00", 6, "2026-11-22", "2026-11-23T06:00:00"),
        ("2026-12-31T23:30:00", 23, "2026-12-31", "2027-01-01T23:00:00"),
        ("2028-02-29T12:00:00", 0, "2028-02-29", "2028-03-01T00:00:00"),
    ],
)
def test_days_start_at_the_hour_that_was_set(now: str, hour: int, day: str, ends: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert day_of(moment, hour) == day
    assert next_day_at(moment, hour) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


@given(now=st.datetimes(_FIRST, _LAST, timezones=st.just(UTC)), hour=st.integers(0, 23))
def test_the_next_day_begins_after_now_within_a_day_and_is_another_day(now: datetime, hour: int) -> None:
    begins = next_day_at(now, hour)
    assert now < begins <= now + timedelta(days=1)
    assert day_of(begins, hour) != day_of(now, hour) == day_of(begins - timedelta(microseconds=1), hour)


def test_a_limit_read_before_midnight_is_not_taken_after_it() -> None:
    refused = refusal(guards_with(), 1, now=NOON + timedelta(hours=12))
    assert (refused.reason, refused.facts) == (Reason.CHANGED_MEANWHILE, {"what": "day"})


def test_a_new_day_starts_at_zero() -> None:
    tomorrow = NOON + timedelta(days=1)
    change = TakeLimit(1, Operation.SEND, ITD, day_of(tomorrow), BUILT_IN_LEVELS)
    guards = Guards.of(change.apply(guards_with(10, 500).document(), tomorrow))
    assert used(guards, Operation.SEND, day_of(tomorrow)) == Used(1, ITD)
    assert used(guards, Operation.SEND, DAY) == Used(10, 500 * ITD)


def test_only_the_last_forty_days_are_kept() -> None:
    document = Guards(id=1).document()
    for number in range(60):
        now = NOON + timedelta(days=number)
        document = TakeLimit(1, Operation.SEND, ITD, day_of(now), BUILT_IN_LEVELS).apply(document, now)
    days = sorted(Guards.of(document).limits)
    assert len(days) == 40
    assert days[-1] == day_of(NOON + timedelta(days=59))


# Giving back


def give_back(guards: Guards, itd: int, day: str = DAY) -> Guards:
    change = GiveBackLimit(1, Operation.SEND, itd * ITD, day)
    return Guards.of(change.apply(guards.document(), NOON + timedelta(days=1)))


def test_what_is_given_back_goes_to_the_day_it_was_taken_from() -> None:
    tomorrow = day_of(NOON + timedelta(days=1))
    guards = give_back(guards_with(3, 30), 10)
    assert used(guards, Operation.SEND, DAY) == Used(2, 20 * ITD)
    assert used(guards, Operation.SEND, tomorrow) == Used(0, 0)


def test_a_day_too_old_to_be_kept_is_not_made_up_again() -> None:
    assert give_back(guards_with(3, 30), 10, day="2026-01-01") == guards_with(3, 30)


def test_giving_back_never_goes_below_zero() -> None:
    assert used(give_back(guards_with(0, 5), 10), Operation.SEND, DAY) == Used(0, 0)


def test_taking_and_giving_back_is_as_if_nothing_had_been() -> None:
    guards = guards_with(3, 30)
    taken = TakeLimit(1, Operation.SEND, 7 * ITD, DAY, BUILT_IN_LEVELS).apply(guards.document(), NOON)
    assert give_back(Guards.of(taken), 7) == guards
