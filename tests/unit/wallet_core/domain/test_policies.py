"""Policies: each at its boundaries, just before, at and just after."""

from datetime import datetime, timedelta

import pytest

from tests.unit.wallet_core.domain.asked_facts import (
    HARMLESS,
    MIDNIGHT,
    asked,
    facts,
    paid_out,
)
from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.errors import Reason
from wallet_core.domain.policies import (
    POLICIES,
    Finding,
    Policy,
    PolicyFacts,
    Verdict,
)
from wallet_core.domain.purchase import RailState


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_nothing_speaks_against_a_harmless_request(policy: Policy) -> None:
    assert asked(policy.name, HARMLESS) == Finding(Verdict.APPROVE)


# Each policy


def test_who_owes_withdraws_nothing_and_hears_how_much() -> None:
    assert asked("owed_money", facts(debt_minor=0)).verdict is Verdict.APPROVE
    owing = asked("owed_money", facts(debt_minor=1))
    assert (owing.verdict, owing.numbers) == (Verdict.REFUSE, {"debt_minor": 1})


def test_nothing_is_withdrawn_while_a_card_payment_is_disputed() -> None:
    disputed = asked("owed_money", facts(disputes=1))
    assert (disputed.verdict, disputed.numbers) == (Verdict.REFUSE, {"disputes": 1})


def test_a_frozen_person_withdraws_nothing_and_hears_since_when_by_whom_why_and_until_when() -> None:
    known = {"frozen_at": NOON, "frozen_by": "person:9"}
    assert asked("frozen_person", facts(**known)) == Finding(Verdict.REFUSE, {**known, "why": None, "frees_at": None})
    more = facts(**known, frozen_reason="call us", frozen_until=NOON + timedelta(days=3))
    assert asked("frozen_person", more) == Finding(
        Verdict.REFUSE, {**known, "why": "call us", "frees_at": NOON + timedelta(days=3)}
    )


@pytest.mark.parametrize(
    ("opens_in", "verdict"),
    [
        (timedelta(hours=72), Verdict.REFUSE),
        (timedelta(microseconds=1), Verdict.REFUSE),
        (timedelta(0), Verdict.APPROVE),
        (timedelta(hours=-1), Verdict.APPROVE),
    ],
)
def test_withdrawals_wait_after_a_recovery_until_the_very_moment(opens_in: timedelta, verdict: Verdict) -> None:
    finding = asked("recovery_wait", facts(withdrawals_from=NOON + opens_in))
    assert finding.verdict is verdict
    assert finding.numbers == ({"frees_at": NOON + opens_in} if verdict is Verdict.REFUSE else {})


@pytest.mark.parametrize(
    ("rail", "finding"),
    [
        (RailState.RUNNING, Finding(Verdict.APPROVE)),
        (RailState.FINISHING, Finding(Verdict.APPROVE, {"rail": RailState.FINISHING})),
        (RailState.DRAINING, Finding(Verdict.APPROVE)),
        (RailState.PAUSED, Finding(Verdict.APPROVE, {"rail": RailState.PAUSED})),
        (RailState.CLOSED, Finding(Verdict.REFUSE, {"rail": RailState.CLOSED})),
    ],
)
def test_a_paused_chain_queues_a_drained_one_pays_and_a_closed_one_refuses(rail: RailState, finding: Finding) -> None:
    assert asked("paused_chain", facts(rail=rail)) == finding


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (paid_out(2, 240), None),
        (paid_out(3, 0), Reason.LIMIT_COUNT),
        (paid_out(0, 241), Reason.LIMIT_AMOUNT),
        (paid_out(3, 250), Reason.LIMIT_COUNT),
        (paid_out(3, 250, level=2), None),
        (paid_out(10, 0, level=2), Reason.LIMIT_COUNT),
        (paid_out(30, 0, level=3), Reason.LIMIT_COUNT),
    ],
)
def test_the_days_limit_may_be_used_up_and_not_exceeded(given: PolicyFacts, reason: Reason | None) -> None:
    finding = asked("daily_limit", given)
    assert finding.verdict is (Verdict.REFUSE if reason else Verdict.APPROVE)
    assert finding.numbers.get("reason") is reason


def test_a_refusal_by_limit_names_the_numbers_when_it_frees_and_the_next_level() -> None:
    numbers = asked("daily_limit", paid_out(3, 30)).numbers
    assert (numbers["used_count"], numbers["limit_count"], numbers["next_level_count"]) == (3, 3, 10)
    assert (numbers["used_minor"], numbers["limit_minor"]) == (30 * ITD, 250 * ITD)
    assert numbers["frees_at"] == MIDNIGHT


@pytest.mark.parametrize(
    ("itd", "verdict"), [(199, Verdict.APPROVE), (200, Verdict.APPROVE), (200.000001, Verdict.REVIEW)]
)
def test_only_what_is_above_the_threshold_is_looked_at_by_a_person(itd: float, verdict: Verdict) -> None:
    finding = asked("amount_threshold", facts(amount_minor=round(itd * ITD)))
    assert finding.verdict is verdict
    assert bool(finding.numbers) is (verdict is Verdict.REVIEW)


@pytest.mark.parametrize(
    ("known_for", "not_before"),
    [
        (None, NOON + timedelta(days=1)),
        (timedelta(0), NOON + timedelta(days=1)),
        (timedelta(hours=23), NOON + timedelta(hours=1)),
        (timedelta(days=1), None),
        (timedelta(days=2), None),
    ],
)
def test_a_new_address_waits_and_is_not_refused(known_for: timedelta | None, not_before: datetime | None) -> None:
    since = None if known_for is None else NOON - known_for
    finding = asked("new_address", facts(address_since=since))
    assert (finding.verdict, finding.not_before) == (Verdict.APPROVE, not_before)
    assert finding.numbers == ({"frees_at": not_before} if not_before else {})


def test_with_no_wait_set_a_new_address_is_as_good_as_an_old_one() -> None:
    assert asked("new_address", facts(address_since=None), wait_seconds=0) == Finding(Verdict.APPROVE)
