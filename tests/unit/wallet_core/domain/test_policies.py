"""Policies: each at its boundaries, and how many answers make one decision."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.errors import Reason
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import Operation
from wallet_core.domain.policies import (
    POLICIES,
    Decision,
    Finding,
    PolicyFacts,
    Verdict,
    decide_batching,
    decide_request,
)
from wallet_core.domain.policies.amount_threshold import amount_threshold
from wallet_core.domain.policies.daily_limit import daily_limit
from wallet_core.domain.policies.decision import Traced
from wallet_core.domain.policies.frozen_person import frozen_person
from wallet_core.domain.policies.new_address import new_address
from wallet_core.domain.policies.owed_money import owed_money
from wallet_core.domain.policies.paused_chain import paused_chain
from wallet_core.domain.policies.recovery_wait import recovery_wait
from wallet_core.domain.purchase import RailState

DAY = "2026-11-22"
MIDNIGHT = NOON + timedelta(hours=12)
WAIT = 86_400
#: An enrolled person asks for 10 ITD at an address that they have used for long: nothing speaks against it.
HARMLESS = PolicyFacts(
    now=NOON,
    guards=Guards(id=1, secret=b"x"),
    amount_minor=10 * ITD,
    rail=RailState.RUNNING,
    address_since=NOON - timedelta(days=30),
    day=DAY,
    day_ends_at=MIDNIGHT,
    review_above_minor=200 * ITD,
    new_address_wait_seconds=WAIT,
)


def with_guards(**fields: Any) -> PolicyFacts:
    return replace(HARMLESS, guards=HARMLESS.guards.model_copy(update=fields))


def paid_out(count: int, itd: int, *, level: int = 1) -> PolicyFacts:
    counter = {"count": count, "amount_minor": itd * ITD}
    return with_guards(level=level, limits={DAY: {Operation.PAYOUT: counter}})


@pytest.mark.parametrize(("name", "version", "rule"), POLICIES)
def test_nothing_speaks_against_a_harmless_request(name: str, version: int, rule: Any) -> None:
    assert rule(HARMLESS) == Finding(Verdict.APPROVE), f"{name} v{version}"


# Each policy


def test_who_owes_withdraws_nothing_and_hears_how_much() -> None:
    assert owed_money(with_guards(debt_minor=0)).verdict is Verdict.APPROVE
    owing = owed_money(with_guards(debt_minor=1))
    assert (owing.verdict, owing.numbers) == (Verdict.REFUSE, {"debt_minor": 1})


def test_nothing_is_withdrawn_while_a_card_payment_is_disputed() -> None:
    disputed = owed_money(with_guards(disputes=("du_1",)))
    assert (disputed.verdict, disputed.numbers) == (Verdict.REFUSE, {"disputes": 1})


def test_a_frozen_person_withdraws_nothing_and_hears_since_when_and_by_whom() -> None:
    finding = frozen_person(with_guards(frozen_at=NOON, frozen_by="person:9"))
    assert finding == Finding(Verdict.REFUSE, {"frozen_at": NOON, "frozen_by": "person:9"})


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
    finding = recovery_wait(with_guards(withdrawals_from=NOON + opens_in))
    assert finding.verdict is verdict
    assert finding.numbers == ({"frees_at": NOON + opens_in} if verdict is Verdict.REFUSE else {})


@pytest.mark.parametrize(
    ("rail", "finding"),
    [
        (RailState.RUNNING, Finding(Verdict.APPROVE)),
        (RailState.PAUSED, Finding(Verdict.APPROVE, {"rail": RailState.PAUSED})),
        (RailState.CLOSED, Finding(Verdict.REFUSE, {"rail": RailState.CLOSED})),
    ],
)
def test_a_paused_chain_queues_and_a_closed_one_refuses(rail: RailState, finding: Finding) -> None:
    assert paused_chain(replace(HARMLESS, rail=rail)) == finding


@pytest.mark.parametrize(
    ("facts", "reason"),
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
def test_the_days_limit_may_be_used_up_and_not_exceeded(facts: PolicyFacts, reason: Reason | None) -> None:
    finding = daily_limit(facts)
    assert finding.verdict is (Verdict.REFUSE if reason else Verdict.APPROVE)
    assert finding.numbers.get("reason") is reason


def test_a_refusal_by_limit_names_the_numbers_when_it_frees_and_the_next_level() -> None:
    numbers = daily_limit(paid_out(3, 30)).numbers
    assert (numbers["used_count"], numbers["limit_count"], numbers["next_level_count"]) == (3, 3, 10)
    assert (numbers["used_minor"], numbers["limit_minor"]) == (30 * ITD, 250 * ITD)
    assert numbers["frees_at"] == MIDNIGHT


def test_yesterdays_payouts_do_not_count_today() -> None:
    yesterday = {"2026-11-21": {Operation.PAYOUT: {"count": 3, "amount_minor": 250 * ITD}}}
    assert daily_limit(with_guards(limits=yesterday)).verdict is Verdict.APPROVE


@pytest.mark.parametrize(
    ("itd", "verdict"), [(199, Verdict.APPROVE), (200, Verdict.APPROVE), (200.000001, Verdict.REVIEW)]
)
def test_only_what_is_above_the_threshold_is_looked_at_by_a_person(itd: float, verdict: Verdict) -> None:
    finding = amount_threshold(replace(HARMLESS, amount_minor=round(itd * ITD)))
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
    finding = new_address(replace(HARMLESS, address_since=since))
    assert (finding.verdict, finding.not_before) == (Verdict.APPROVE, not_before)
    assert finding.numbers == ({"frees_at": not_before} if not_before else {})


def test_with_no_wait_set_a_new_address_is_as_good_as_an_old_one() -> None:
    facts = replace(HARMLESS, address_since=None, new_address_wait_seconds=0)
    assert new_address(facts) == Finding(Verdict.APPROVE)


# The decision


def decision(*findings: Finding) -> Decision:
    return Decision(trace=tuple(Traced.of(f"rule{n}", n, finding) for n, finding in enumerate(findings)))


APPROVE, REVIEW, REFUSE = (Finding(verdict, {"rule": verdict.value}) for verdict in Verdict)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((), Verdict.APPROVE),
        ((APPROVE, APPROVE), Verdict.APPROVE),
        ((APPROVE, REVIEW), Verdict.REVIEW),
        ((REVIEW, REFUSE, APPROVE), Verdict.REFUSE),
        ((REFUSE, REVIEW), Verdict.REFUSE),
    ],
)
def test_the_strictest_answer_wins_whatever_the_order(findings: tuple[Finding, ...], verdict: Verdict) -> None:
    assert decision(*findings).verdict is verdict
    assert decision(*reversed(findings)).verdict is verdict


def test_the_person_is_told_the_first_of_the_strictest() -> None:
    told = decision(APPROVE, REVIEW, REFUSE, REFUSE).told
    assert told is not None
    assert (told.policy, told.verdict) == ("rule2", Verdict.REFUSE)


def test_an_approval_without_remarks_tells_nothing_and_one_with_a_wait_tells_the_wait() -> None:
    assert decision(Finding(Verdict.APPROVE)).told is None
    told = decision(Finding(Verdict.APPROVE), Finding(Verdict.APPROVE, {"frees_at": NOON}, NOON)).told
    assert told is not None
    assert told.numbers == {"frees_at": NOON}


def test_of_several_waits_the_last_one_counts() -> None:
    waits = (Finding(Verdict.APPROVE, {}, NOON + timedelta(hours=n)) for n in (1, 3, 2))
    assert decision(*waits).not_before == NOON + timedelta(hours=3)
    assert decision(APPROVE).not_before is None


def test_every_policy_leaves_its_name_and_version_in_the_trace_of_a_request() -> None:
    trace = decide_request(HARMLESS).trace
    assert [(t.policy, t.version) for t in trace] == [(name, version) for name, version, _ in POLICIES]


def test_a_request_is_refused_for_a_freeze_even_when_a_review_would_do() -> None:
    facts = replace(with_guards(frozen_at=NOON, frozen_by="person:1"), amount_minor=250 * ITD, address_since=None)
    decided = decide_request(facts)
    assert decided.verdict is Verdict.REFUSE
    assert decided.told is not None
    assert decided.told.policy == "frozen_person"


def test_batching_takes_no_limit_a_second_time_and_asks_no_reviewer_again() -> None:
    used_up = replace(paid_out(3, 250), amount_minor=250 * ITD)
    assert decide_request(used_up).verdict is Verdict.REFUSE
    again = decide_batching(used_up)
    assert again.verdict is Verdict.APPROVE
    asked = {"frozen_person", "owed_money", "recovery_wait", "paused_chain", "new_address"}
    assert {t.policy for t in again.trace} == asked


@pytest.mark.parametrize(
    "facts",
    [
        with_guards(frozen_at=NOON, frozen_by="person:1"),
        with_guards(withdrawals_from=NOON + timedelta(hours=1)),
        replace(HARMLESS, rail=RailState.CLOSED),
    ],
)
def test_what_came_up_since_the_request_still_stops_the_payout(facts: PolicyFacts) -> None:
    assert decide_batching(facts).verdict is Verdict.REFUSE


def test_a_decision_is_stored_and_read_again_with_all_its_numbers() -> None:
    decided = decide_request(replace(paid_out(3, 30), address_since=None))
    assert Decision.model_validate(decided.model_dump()) == decided


def test_each_policy_stands_in_a_file_of_its_own_name() -> None:
    assert all(rule.__module__.rpartition(".")[2] == name == rule.__name__ for name, _, rule in POLICIES)
