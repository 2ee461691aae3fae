"""Two-factor authentication: one attempt a code, one use a step, and guessing slowed down."""

from datetime import datetime, timedelta

import pytest

from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.two_factor import (
    CODE_FRESH,
    FREE_TRIES,
    TRIES_IN_ALL,
    begin,
    consume_step,
    delay_after,
    enable,
    spend_without_code,
    take_attempt,
    use_recovery_code,
)

SECRET = b"sealed"
ENROLLED = Guards(id=1, secret=SECRET, last_step=100, recovery_hashes={"1": "one", "2": "two"})


def after(change: ChangeGuards, guards: Guards, now: datetime = NOON) -> Guards:
    return Guards.of(change.apply(guards.document(), now))


def refusal(change: ChangeGuards, guards: Guards, now: datetime = NOON) -> Refused:
    with pytest.raises(Refused) as refused:
        change.apply(guards.document(), now)
    return refused.value


def with_(guards: Guards, **fields: object) -> Guards:
    return guards.model_copy(update=fields)


# Guessing


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (1, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1_920), (12, 3_600), (13, 3_600), (10_000, 3_600)],
)
def test_the_first_tries_are_free_and_then_the_wait_doubles_up_to_an_hour(failures: int, seconds: int) -> None:
    assert delay_after(failures) == timedelta(seconds=seconds)


def test_an_attempt_counts_before_anybody_looks_at_its_code() -> None:
    taken = after(take_attempt(1), ENROLLED)
    assert (taken.failures, taken.failures_in_all, taken.locked_until) == (1, 1, None)


def test_the_fifth_attempt_starts_a_pause() -> None:
    guards = ENROLLED
    for _ in range(FREE_TRIES):
        guards = after(take_attempt(1), guards)
    assert guards.locked_until == NOON + timedelta(seconds=30)
    refused = refusal(take_attempt(1), guards, NOON + timedelta(seconds=29.999))
    assert (refused.reason, refused.facts) == (Reason.CODE_LOCKED, {"until": guards.locked_until})


def test_the_next_wrong_code_after_a_pause_starts_a_longer_one() -> None:
    waited = with_(ENROLLED, failures=5, locked_until=NOON)
    assert after(take_attempt(1), waited, NOON).locked_until == NOON + timedelta(seconds=60)


def test_a_thief_with_all_the_time_in_the_world_has_a_hundred_tries() -> None:
    guards, now, tries = ENROLLED, NOON, 0
    while True:
        try:
            guards = after(take_attempt(1), guards, now)
            tries += 1
        except Refused as refused:
            if refused.reason is not Reason.CODE_LOCKED:
                assert refused.reason is Reason.REENROL
                break
            now = refused.facts["until"]
    assert tries == TRIES_IN_ALL == 100
    assert now - NOON > timedelta(days=3)


def test_after_a_hundred_wrong_codes_only_a_recovery_code_is_taken() -> None:
    guards = with_(ENROLLED, failures_in_all=TRIES_IN_ALL)
    assert refusal(take_attempt(1), guards).reason is Reason.REENROL
    assert after(take_attempt(1, with_recovery_code=True), guards).failures_in_all == 101


def test_recovery_codes_are_slowed_down_as_well() -> None:
    locked = with_(ENROLLED, failures=5, locked_until=NOON + timedelta(seconds=1))
    assert refusal(take_attempt(1, with_recovery_code=True), locked).reason is Reason.CODE_LOCKED


def test_who_has_no_guards_yet_gets_fresh_ones_with_the_attempt_counted() -> None:
    assert Guards.of(take_attempt(7).apply(None, NOON)) == Guards(id=7, failures=1, failures_in_all=1)


# A good code


def test_a_good_code_gives_its_attempt_back_and_ends_the_pause() -> None:
    tired = with_(ENROLLED, failures=5, failures_in_all=9, locked_until=NOON, sent_since_code_minor=7)
    accepted = after(consume_step(1, SECRET, 101), tired)
    assert (accepted.failures, accepted.failures_in_all, accepted.locked_until) == (0, 8, None)
    assert (accepted.last_step, accepted.code_at, accepted.sent_since_code_minor) == (101, NOON, 0)


def test_earlier_wrong_codes_stay_in_the_count_of_all() -> None:
    wrong = after(take_attempt(1), ENROLLED)
    right = after(consume_step(1, SECRET, 101), after(take_attempt(1), wrong))
    assert (right.failures, right.failures_in_all) == (0, 1)


@pytest.mark.parametrize("step", [100, 99, 0])
def test_a_step_is_accepted_once_and_none_before_it_any_more(step: int) -> None:
    assert refusal(consume_step(1, SECRET, step), ENROLLED).reason is Reason.CODE_USED


def test_of_two_with_the_same_code_one_wins() -> None:
    once = after(consume_step(1, SECRET, 101), ENROLLED)
    assert refusal(consume_step(1, SECRET, 101), once).reason is Reason.CODE_USED


@pytest.mark.parametrize("secret", [None, b"a new device's"])
def test_a_code_of_a_device_that_was_replaced_meanwhile_is_worth_nothing(secret: bytes | None) -> None:
    replaced = with_(ENROLLED, secret=secret)
    assert refusal(consume_step(1, SECRET, 101), replaced).reason is Reason.CHANGED_MEANWHILE


# Small sends without a code


@pytest.mark.parametrize(
    ("age", "sent_itd", "itd", "passes"),
    [
        (timedelta(0), 0, 50, True),
        (timedelta(0), 0, 50.000001, False),
        (timedelta(0), 49, 1, True),
        (timedelta(0), 49, 1.000001, False),
        (CODE_FRESH, 0, 1, True),
        (CODE_FRESH + timedelta(microseconds=1), 0, 1, False),
    ],
)
def test_small_sends_pass_for_a_while_after_a_code(age: timedelta, sent_itd: int, itd: float, passes: bool) -> None:
    guards = with_(ENROLLED, code_at=NOON - age, sent_since_code_minor=sent_itd * ITD)
    change = spend_without_code(1, round(itd * ITD), 50 * ITD)
    if passes:
        assert after(change, guards).sent_since_code_minor == round((sent_itd + itd) * ITD)
    else:
        assert refusal(change, guards).reason is Reason.CODE_NEEDED


def test_who_never_gave_a_code_sends_nothing_without_one() -> None:
    assert refusal(spend_without_code(1, 1, 50 * ITD), ENROLLED).reason is Reason.CODE_NEEDED


def test_many_small_sends_are_not_a_way_around_the_ceiling() -> None:
    guards = with_(ENROLLED, code_at=NOON)
    for _ in range(5):
        guards = after(spend_without_code(1, 10 * ITD, 50 * ITD), guards)
    assert refusal(spend_without_code(1, 1, 50 * ITD), guards).reason is Reason.CODE_NEEDED


# Enrolment


def test_a_secret_waits_for_its_first_code() -> None:
    begun = after(begin(1, b"new"), Guards(id=1))
    assert (begun.pending_secret, begun.enrolled) == (b"new", False)


def test_who_is_enrolled_cannot_begin_again() -> None:
    assert refusal(begin(1, b"new"), ENROLLED).reason is Reason.ALREADY_ENROLLED


def test_a_pending_secret_is_not_replaced_behind_the_persons_back() -> None:
    assert refusal(begin(1, b"other"), Guards(id=1, pending_secret=b"new")).reason is Reason.CHANGED_MEANWHILE


def test_the_first_code_enables_and_is_used_up() -> None:
    enabled = after(enable(1, b"new", 5, {"1": "hash"}), Guards(id=1, pending_secret=b"new", failures=1))
    assert (enabled.secret, enabled.pending_secret, enabled.last_step) == (b"new", None, 5)
    assert (enabled.failures, enabled.recovery_hashes) == (0, {"1": "hash"})
    assert refusal(consume_step(1, b"new", 5), enabled).reason is Reason.CODE_USED


def test_a_secret_that_is_not_the_pending_one_cannot_be_enabled() -> None:
    pending = Guards(id=1, pending_secret=b"new")
    assert refusal(enable(1, b"old", 5, {}), pending).reason is Reason.CHANGED_MEANWHILE
    assert refusal(enable(1, b"new", 5, {}), ENROLLED).reason is Reason.CHANGED_MEANWHILE


# Recovery


def test_a_recovery_code_ends_the_old_device_and_lets_withdrawals_wait() -> None:
    locked = with_(ENROLLED, failures=9, failures_in_all=TRIES_IN_ALL, locked_until=NOON, code_at=NOON)
    recovered = after(use_recovery_code(1, "1", b"new", timedelta(hours=72)), locked)
    assert (recovered.enrolled, recovered.pending_secret) == (False, b"new")
    assert recovered.withdrawals_from == NOON + timedelta(hours=72)
    assert (recovered.failures, recovered.failures_in_all, recovered.locked_until) == (0, 0, None)
    assert recovered.code_at is None


def test_a_recovery_code_is_used_once_and_the_others_stay() -> None:
    recovered = after(use_recovery_code(1, "1", b"new", timedelta(0)), ENROLLED)
    assert recovered.recovery_hashes == {"2": "two"}
    assert refusal(use_recovery_code(1, "1", b"x", timedelta(0)), recovered).reason is Reason.CODE_USED


def test_the_new_devices_first_code_counts_even_in_a_step_that_the_old_one_used() -> None:
    recovered = after(use_recovery_code(1, "1", b"new", timedelta(0)), ENROLLED)
    assert after(enable(1, b"new", 100, {}), recovered).enrolled


def test_recovery_does_not_end_a_freeze() -> None:
    frozen = with_(ENROLLED, frozen_at=NOON, frozen_by="person:9")
    assert after(use_recovery_code(1, "1", b"new", timedelta(0)), frozen).frozen_by == "person:9"


def test_enrolling_the_new_device_does_not_shorten_the_wait() -> None:
    recovered = after(use_recovery_code(1, "1", b"new", timedelta(hours=72)), ENROLLED)
    assert after(enable(1, b"new", 5, {}), recovered).withdrawals_from == NOON + timedelta(hours=72)
