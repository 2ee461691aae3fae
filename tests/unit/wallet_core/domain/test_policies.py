"""Policies: each at its boundaries, and how many answers make one decision."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.world import ADDRESS, ITD, NOON, OTHER_ADDRESS
from wallet_core.domain.errors import InvariantViolated, Reason
from wallet_core.domain.guards import CardLot
from wallet_core.domain.money import Asset
from wallet_core.domain.policies import (
    POLICIES,
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
    policy_named,
)
from wallet_core.domain.policies.decision import Traced
from wallet_core.domain.policies.facts import EarlierRequest, most_similar, same_ends
from wallet_core.domain.purchase import RailState

DAY = "2026-11-22"
MIDNIGHT = NOON + timedelta(hours=12)
BUILT_IN = PolicySet(id=0)
TICK = timedelta(microseconds=1)
#: An enrolled person asks for 10 ITD at an address that they have used for long: nothing speaks against it.
HARMLESS = PolicyFacts(
    now=NOON,
    person=1,
    asset=Asset.ETH,
    address=ADDRESS,
    amount_minor=10 * ITD,
    total_minor=10 * ITD + ITD // 2,
    coin_minor=5 * 10**15,
    rail=RailState.RUNNING,
    enrolled_at=NOON - timedelta(days=30),
    member_since=NOON - timedelta(days=30),
    address_since=NOON - timedelta(days=30),
    day=DAY,
    day_ends_at=MIDNIGHT,
    hot_minor=10**18,
)


def facts(**fields: Any) -> PolicyFacts:
    return HARMLESS.model_copy(update=fields)


def asked(policy: str, given: PolicyFacts, **parameters: Any) -> Finding:
    """What one policy finds, with its defaults but for these parameters."""
    rule = policy_named(policy)
    assert rule is not None
    return rule.rule(given, rule.parameters(**parameters))


def paid_out(count: int, itd: int, *, level: int = 1) -> PolicyFacts:
    return facts(level=level, day_count=count, day_minor=itd * ITD)


def earlier(*ago: timedelta, itd: int = 10, is_same: bool = False) -> tuple[EarlierRequest, ...]:
    """Requests of so much, so long before noon, oldest first."""
    return tuple(
        EarlierRequest(at=NOON - one, amount_minor=itd * ITD, is_same=is_same) for one in sorted(ago, reverse=True)
    )


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


def test_a_frozen_person_withdraws_nothing_and_hears_since_when_and_by_whom() -> None:
    finding = asked("frozen_person", facts(frozen_at=NOON, frozen_by="person:9"))
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
    finding = asked("recovery_wait", facts(withdrawals_from=NOON + opens_in))
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


@pytest.mark.parametrize(("old", "opens_in"), [(86_399, 1), (86_400, None), (86_401, None), (0, 86_400)])
def test_payouts_wait_until_the_second_factor_is_old_enough(old: int, opens_in: int | None) -> None:
    finding = asked("two_factor_age", facts(enrolled_at=NOON - timedelta(seconds=old)))
    opens_at = NOON + timedelta(seconds=opens_in) if opens_in else None
    assert (finding.verdict, finding.not_before) == (Verdict.APPROVE, opens_at)
    assert finding.numbers == ({"frees_at": opens_at} if opens_at else {})


def test_who_enrolled_before_that_was_noted_does_not_wait_and_is_not_young() -> None:
    unknown = facts(enrolled_at=None, member_since=None, amount_minor=150 * ITD)
    assert asked("two_factor_age", unknown) == asked("account_age", unknown) == Finding(Verdict.APPROVE)


@pytest.mark.parametrize(
    ("old", "minor", "verdict"),
    [
        (timedelta(days=7) - TICK, 100 * ITD, Verdict.APPROVE),
        (timedelta(days=7) - TICK, 100 * ITD + 1, Verdict.REVIEW),
        (timedelta(days=7), 100 * ITD + 1, Verdict.APPROVE),
        (timedelta(days=7) + TICK, 100 * ITD + 1, Verdict.APPROVE),
    ],
)
def test_more_of_what_a_young_account_withdraws_is_looked_at(old: timedelta, minor: int, verdict: Verdict) -> None:
    finding = asked("account_age", facts(member_since=NOON - old, amount_minor=minor))
    assert finding.verdict is verdict
    assert finding.numbers.get("frees_at") == (NOON + TICK if verdict is Verdict.REVIEW else None)


def test_an_address_on_the_screening_list_gets_nothing() -> None:
    assert asked("address_screening", facts(screened="theft of October")) == Finding(
        Verdict.REFUSE, {"why": "theft of October"}
    )


@pytest.mark.parametrize(
    ("coin_minor", "hot_minor", "share", "verdict"),
    [
        (49, 100, 50, Verdict.APPROVE),
        (50, 100, 50, Verdict.APPROVE),
        (51, 100, 50, Verdict.REVIEW),
        (100, 100, 100, Verdict.APPROVE),
        (101, 100, 100, Verdict.REVIEW),
        (1, 0, 50, Verdict.APPROVE),
        (99, 100, 0, Verdict.APPROVE),
    ],
)
def test_who_takes_a_large_part_of_the_hot_wallet_is_looked_at(
    coin_minor: int, hot_minor: int, share: int, verdict: Verdict
) -> None:
    given = facts(coin_minor=coin_minor, hot_minor=hot_minor)
    assert asked("hot_wallet_share", given, share_percent=share).verdict is verdict


@pytest.mark.parametrize(
    ("same", "known", "verdict"),
    [
        (3, False, Verdict.APPROVE),
        (4, False, Verdict.REVIEW),
        (5, False, Verdict.REVIEW),
        (5, True, Verdict.APPROVE),
    ],
)
def test_an_address_that_looks_like_a_known_one_is_looked_at(same: int, known: bool, verdict: Verdict) -> None:
    since = HARMLESS.address_since if known else None
    given = facts(similar_address=OTHER_ADDRESS, similar_characters=same, address_since=since)
    finding = asked("look_alike_address", given)
    assert finding.verdict is verdict
    assert finding.numbers.get("similar_address") == (OTHER_ADDRESS if verdict is Verdict.REVIEW else None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0xabcd11111111ef01", "0xabcd22222222ef01", 4),
        ("0xABCD11111111ef01", "0xabcd22222222EF01", 4),
        ("0xabcd1111ef01", "0xabcd2222ef11", 1),
        ("0xabc1", "0xdef1", 0),
        ("bc1qaaaaxxxxzzzz", "bc1qaaaayyyyzzzz", 4),
        ("bcrt1qaaxxzz", "bcrt1qaayyzz", 2),
        ("LTabcdWWwxyz", "LTabcdVVwxyz", 4),
    ],
)
def test_what_all_addresses_begin_with_makes_none_look_alike(one: str, other: str, same: int) -> None:
    assert same_ends(one, other) == same_ends(other, one) == same


def test_the_address_itself_is_not_like_itself_and_the_most_similar_of_others_is_named() -> None:
    assert most_similar("0xaa11bb", ["0xaa11bb", "0xAA11BB"]) == (None, 0)
    assert most_similar("0xaa11bb", ["0xaa11bb", "0xa222cb", "0xaa99bb"]) == ("0xaa99bb", 2)


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
        (decide_mass_send, _STOPS),
    ],
)
def test_each_stage_asks_its_own_policies(decide: Any, names: set[str]) -> None:
    assert {t.policy for t in decide(HARMLESS, BUILT_IN).trace} == names


@pytest.mark.parametrize("decide", [decide_batching, decide_refund, decide_mass_send])
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


def test_a_decision_and_its_facts_are_stored_and_read_again_with_all_their_numbers() -> None:
    given = paid_out(3, 30).model_copy(update={"address_since": None, "requests": earlier(HOUR)})
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
