"""How many answers make one decision, which policies each stage asks, and what a set may say."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.unit.wallet_core.domain.asked_facts import (
    BUILT_IN,
    HARMLESS,
    MIDNIGHT,
    earlier,
    facts,
    paid_out,
)
from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.policies import (
    POLICIES,
    Concern,
    Decision,
    Finding,
    Policy,
    PolicyEntry,
    PolicyFacts,
    PolicySet,
    Stage,
    Verdict,
    check_set,
    decide_batching,
    decide_mass_send,
    decide_refund,
    decide_request,
    objection,
)
from wallet_core.domain.policies.decision import Traced
from wallet_core.domain.purchase import RailState

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


def test_of_several_waits_the_longest_is_told() -> None:
    waits = (Finding(Verdict.APPROVE, {"n": n}, NOON + timedelta(hours=n)) for n in (1, 3, 2))
    told = decision(*waits).told
    assert told is not None and told.numbers == {"n": 3}


def test_every_policy_leaves_its_name_and_version_in_the_trace_of_a_request() -> None:
    decided = decide_request(HARMLESS, BUILT_IN)
    assert [(t.policy, t.version) for t in decided.trace] == [(p.name, p.version) for p in POLICIES]
    assert decided.policy_set == 0


def test_a_request_is_refused_for_a_freeze_even_when_a_review_would_do() -> None:
    frozen = facts(frozen_at=NOON, frozen_by="person:1", amount_minor=250 * ITD, address_since=None)
    decided = decide_request(frozen, BUILT_IN)
    assert decided.verdict is Verdict.REFUSE
    assert decided.told is not None
    assert decided.told.policy == "frozen_person"


def test_batching_takes_no_limit_a_second_time_and_asks_no_reviewer_again() -> None:
    used_up = paid_out(3, 250).model_copy(update={"amount_minor": 250 * ITD})
    assert decide_request(used_up, BUILT_IN).verdict is Verdict.REFUSE
    assert decide_batching(used_up, BUILT_IN).verdict is Verdict.APPROVE


_STOPS = {"frozen_person", "owed_money", "address_screening", "recovery_wait", "paused_chain"}


@pytest.mark.parametrize(
    ("decide", "names"),
    [
        (decide_batching, _STOPS | {"two_factor_age", "new_address"}),
        (decide_refund, _STOPS | {"new_address"}),
        (partial(decide_mass_send, approved=True), _STOPS),
        # Nobody but its payer has looked at what a thief might have written.
        (partial(decide_mass_send, approved=False), _STOPS | {"two_factor_age", "new_address"}),
    ],
)
def test_each_stage_asks_its_own_policies(decide: Any, names: set[str]) -> None:
    assert {t.policy for t in decide(HARMLESS, BUILT_IN).trace} == names


@pytest.mark.parametrize("decide", [decide_batching, decide_refund, partial(decide_mass_send, approved=True)])
@pytest.mark.parametrize(
    "given",
    [
        facts(frozen_at=NOON, frozen_by="person:1"),
        facts(withdrawals_from=NOON + timedelta(hours=1)),
        facts(screened="theft"),
        facts(debt_minor=1),
        facts(rail=RailState.CLOSED),
    ],
)
def test_what_came_up_since_the_request_still_stops_the_payout(decide: Any, given: PolicyFacts) -> None:
    assert decide(given, BUILT_IN).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    ("given", "concern"),
    [
        ({}, None),
        ({"rail": RailState.PAUSED}, None),
        ({"screened": "theft"}, Concern.ADDRESS),
        ({"screened": "theft", "rail": RailState.CLOSED}, Concern.CHAIN),
        ({"screened": "theft", "rail": RailState.CLOSED, "debt_minor": 1}, Concern.PERSON),
        ({"withdrawals_from": NOON + timedelta(hours=1)}, Concern.PERSON),
    ],
)
def test_the_widest_objection_is_the_one_that_counts(given: dict[str, Any], concern: Concern | None) -> None:
    found = objection(decide_mass_send(facts(**given), BUILT_IN, approved=True))
    assert (found[0] if found else None) is concern


def test_a_decision_and_its_facts_are_stored_and_read_again_with_all_their_numbers() -> None:
    given = paid_out(3, 30).model_copy(update={"address_since": None, "requests": earlier(timedelta(hours=1))})
    decided = decide_request(given, BUILT_IN)
    assert Decision.model_validate(decided.model_dump()) == decided
    assert PolicyFacts.model_validate(given.document()) == given


def test_each_policy_stands_in_a_file_of_its_own_name() -> None:
    assert all(policy.rule.__module__.rpartition(".")[2] == policy.name for policy in POLICIES)


# Sets


def with_entry(policy: str, *, enabled: bool = True, **parameters: Any) -> PolicySet:
    return PolicySet(id=7, entries=(PolicyEntry(policy=policy, enabled=enabled, parameters=parameters),))


def test_a_set_switches_policies_off_sets_their_parameters_and_orders_them() -> None:
    large = facts(amount_minor=201 * ITD)
    assert decide_request(large, BUILT_IN).verdict is Verdict.REVIEW
    off = decide_request(large, with_entry("amount_threshold", enabled=False))
    assert off.verdict is Verdict.APPROVE
    assert "amount_threshold" not in {t.policy for t in off.trace}
    raised = decide_request(large, with_entry("amount_threshold", review_above_minor=201 * ITD))
    assert (raised.verdict, raised.trace[0].policy, raised.policy_set) == (Verdict.APPROVE, "amount_threshold", 7)
    assert [t.policy for t in raised.trace[1:]] == [p.name for p in POLICIES if p.name != "amount_threshold"]


@pytest.mark.parametrize(
    "wrong",
    [
        with_entry("never_written"),
        with_entry("amount_threshold", review_above_minor=-1),
        with_entry("amount_threshold", review_over_minor=1),
        with_entry("velocity", hour_count="many"),
        with_entry("frozen_person", anything=1),
    ],
)
def test_a_set_that_this_program_does_not_understand_decides_nothing(wrong: PolicySet) -> None:
    for use in (check_set, lambda one: decide_request(HARMLESS, one)):
        with pytest.raises(InvariantViolated):
            use(wrong)


@pytest.mark.parametrize("policy", ["frozen_person", "owed_money", "daily_limit", "card_money"])
def test_what_the_ledger_demands_anyway_cannot_be_switched_off(policy: str) -> None:
    check_set(with_entry(policy))
    with pytest.raises(InvariantViolated):
        check_set(with_entry(policy, enabled=False))


def test_what_a_seal_of_a_set_covers() -> None:
    sealed = PolicySet(id=1, entries=(PolicyEntry(policy="velocity"),), by=1, at=NOON, note="calm")
    changes: list[dict[str, Any]] = [
        {"id": 2}, {"entries": ()}, {"by": 2}, {"at": MIDNIGHT}, {"note": "storm"},
        {"entries": (PolicyEntry(policy="velocity", enabled=False),)},
        {"entries": (PolicyEntry(policy="velocity", parameters={"hour_count": 1}),)},
    ]  # fmt: skip
    assert len({sealed.terms(), *(sealed.model_copy(update=change).terms() for change in changes)}) == 8


def test_adding_a_policy_is_one_function_and_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from wallet_core.domain.policies.decision import Parameters  # noqa: PLC0415 - as its file would

    class Night(Parameters):
        until_hour: int = 6

    def night(given: PolicyFacts, parameters: Night) -> Finding:
        hour = given.now.hour
        return Finding(Verdict.REVIEW, {"hour": hour}) if hour < parameters.until_hour else Finding(Verdict.APPROVE)

    monkeypatch.setattr("wallet_core.domain.policies.POLICIES", [*POLICIES, Policy(night, 1, Stage.REQUEST, Night)])
    at_three = facts(now=NOON.replace(hour=3))
    decided = decide_request(at_three, BUILT_IN)
    assert decided.told is not None
    assert (decided.verdict, decided.told.policy) == (Verdict.REVIEW, "night")
    assert decide_request(at_three, with_entry("night", until_hour=3)).verdict is Verdict.APPROVE
    assert decide_request(at_three, with_entry("night", enabled=False)).verdict is Verdict.APPROVE
    assert decide_batching(at_three, BUILT_IN).verdict is Verdict.APPROVE
