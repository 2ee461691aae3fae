"""Policies that look back: velocity at each end of its windows, the same again, and money that was paid by card."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from tests.unit.wallet_core.domain.asked_facts import (
    TICK,
    asked,
    earlier,
    facts,
)
from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.errors import Reason
from wallet_core.domain.guards import CardLot
from wallet_core.domain.policies import (
    Finding,
    Verdict,
)
from wallet_core.domain.policies.facts import MOST_REQUESTS
from wallet_core.domain.policies.velocity import Velocity


@pytest.mark.parametrize(
    ("ago", "verdict"),
    [
        (timedelta(0), Verdict.REVIEW),
        (timedelta(seconds=600) - TICK, Verdict.REVIEW),
        (timedelta(seconds=600), Verdict.APPROVE),
        (timedelta(seconds=601), Verdict.APPROVE),
    ],
)
def test_the_same_request_again_within_ten_minutes_is_looked_at(ago: timedelta, verdict: Verdict) -> None:
    finding = asked("duplicate_request", facts(requests=earlier(ago, timedelta(days=1), is_same=True)))
    assert finding.verdict is verdict
    assert asked("duplicate_request", facts(requests=earlier(ago))).verdict is Verdict.APPROVE
    if verdict is Verdict.REVIEW:
        assert finding.numbers == {"earlier_at": NOON - ago, "frees_at": NOON - ago + timedelta(seconds=600)}


HOUR, A_DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.mark.parametrize("window", [HOUR, A_DAY, WEEK], ids=["hour", "day", "week"])
@pytest.mark.parametrize(("inside", "verdict"), [(1, Verdict.APPROVE), (2, Verdict.REFUSE), (3, Verdict.REFUSE)])
def test_requests_within_a_window_are_counted(window: timedelta, inside: int, verdict: Verdict) -> None:
    name = {HOUR: "hour", A_DAY: "day", WEEK: "week"}[window]
    # One has just left the window; the others are as close to its end as can be.
    requests = earlier(window, *(window - TICK * (n + 1) for n in range(inside)))
    finding = asked("velocity", facts(requests=requests), **{f"{name}_count": 2})
    assert finding.verdict is verdict
    if verdict is Verdict.REFUSE:
        told = {name: finding.numbers[name] for name in ("window", "used_count", "limit_count", "reason")}
        assert told == {"window": name, "used_count": inside, "limit_count": 2, "reason": Reason.LIMIT_COUNT}
        # So many leave it by then that one more fits.
        frees_at = finding.numbers["frees_at"]
        assert frees_at == requests[1 + inside - 2].at + window
        assert asked("velocity", facts(requests=requests, now=frees_at), **{f"{name}_count": 2}).verdict is (
            Verdict.APPROVE
        )
        assert asked("velocity", facts(requests=requests, now=frees_at - TICK), **{f"{name}_count": 2}).verdict is (
            Verdict.REFUSE
        )


@pytest.mark.parametrize("name", ["hour", "day", "week"])
@pytest.mark.parametrize(
    ("minor", "verdict"), [(10 * ITD - 1, Verdict.APPROVE), (10 * ITD, Verdict.APPROVE), (10 * ITD + 1, Verdict.REFUSE)]
)
def test_amounts_within_a_window_are_added_up(name: str, minor: int, verdict: Verdict) -> None:
    given = facts(requests=earlier(timedelta(minutes=50), timedelta(minutes=10)), amount_minor=minor)
    finding = asked("velocity", given, **{f"{name}_amount_minor": 30 * ITD})
    assert finding.verdict is verdict
    if verdict is Verdict.REFUSE:
        window = {"hour": HOUR, "day": A_DAY, "week": WEEK}[name]
        assert finding.numbers["frees_at"] == NOON - timedelta(minutes=50) + window
        assert finding.numbers["used_minor"] == 20 * ITD


def test_of_several_windows_the_one_that_frees_last_is_told_and_one_that_never_does_before_all() -> None:
    given = facts(requests=earlier(timedelta(minutes=1)))
    assert asked("velocity", given, hour_count=1, day_count=1).numbers["window"] == "day"
    never = asked("velocity", given, hour_amount_minor=5 * ITD, day_count=1)
    assert (never.numbers["window"], never.numbers["frees_at"]) == ("hour", None)


def test_without_limits_nothing_is_too_fast() -> None:
    limits = {f"{name}_{what}": None for name in ("hour", "day", "week") for what in ("count", "amount_minor")}
    requests = earlier(*(timedelta(seconds=n) for n in range(500)), itd=10_000)
    assert asked("velocity", facts(requests=requests), **limits) == Finding(Verdict.APPROVE)


def test_an_amount_is_no_limit_once_there_are_more_requests_than_are_read() -> None:
    limits = {"hour_count": None, "day_count": None, "week_count": None, "week_amount_minor": 10**12}
    fewer = earlier(*(timedelta(seconds=n) for n in range(MOST_REQUESTS - 1)), itd=1)
    assert asked("velocity", facts(requests=fewer), **limits).verdict is Verdict.APPROVE
    full = asked("velocity", facts(requests=(*earlier(A_DAY, itd=1), *fewer)), **limits)
    assert (full.verdict, full.numbers["limit_count"]) == (Verdict.REFUSE, MOST_REQUESTS)


@pytest.mark.parametrize("window", ["hour", "day", "week"])
def test_no_count_can_be_set_that_is_never_reached(window: str) -> None:
    assert getattr(Velocity(**{f"{window}_count": MOST_REQUESTS}), f"{window}_count") == MOST_REQUESTS
    with pytest.raises(ValidationError):
        Velocity(**{f"{window}_count": MOST_REQUESTS + 1})


@pytest.mark.parametrize(
    ("total_minor", "matures_in", "verdict"),
    [
        (40 * ITD, TICK, Verdict.APPROVE),
        (40 * ITD + 1, TICK, Verdict.REFUSE),
        (40 * ITD + 1, timedelta(0), Verdict.APPROVE),
        # More than there is at all is the balance's affair.
        (100 * ITD + 1, TICK, Verdict.APPROVE),
    ],
)
def test_card_money_is_not_withdrawn_before_it_matures(
    total_minor: int, matures_in: timedelta, verdict: Verdict
) -> None:
    lot = CardLot(invoice="i", amount_minor=60 * ITD, matures_at=NOON + matures_in)
    finding = asked("card_money", facts(total_minor=total_minor, available_minor=100 * ITD, card_lots=(lot,)))
    assert finding.verdict is verdict
    if verdict is Verdict.REFUSE:
        assert finding.numbers == {
            "young_minor": 60 * ITD, "mature_minor": 40 * ITD, "frees_at": NOON + matures_in
        }  # fmt: skip
