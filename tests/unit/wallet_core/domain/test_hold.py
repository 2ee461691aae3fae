"""Holds: settled in parts, voided or expired, and every part of them once."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.world import NOON
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.hold import Hold, HoldState, ReleaseHold, SettleHold

LATER = NOON + timedelta(hours=1)


def hold(**fields: Any) -> dict[str, Any]:
    made = {"id": "h", "person": 1, "amount_minor": 10, "left_minor": 10, "expires_at": LATER, **fields}
    return Hold(**made).document()


def reason_of(change: SettleHold | ReleaseHold, document: dict[str, Any] | None, now: Any = NOON) -> Reason:
    with pytest.raises(Refused) as refused:
        change.apply(document, now)
    return refused.value.reason


def test_parts_are_taken_until_nothing_is_left() -> None:
    first = SettleHold("h", 4).apply(hold(), NOON)
    assert (first["state"], first["left_minor"], first["ended_at"]) == (HoldState.OPEN, 6, None)
    last = SettleHold("h", 6).apply(first, NOON)
    assert (last["state"], last["left_minor"], last["ended_at"]) == (HoldState.SETTLED, 0, NOON)
    assert reason_of(SettleHold("h", 1), last) is Reason.WRONG_STATE


@pytest.mark.parametrize("amount_minor", [0, -1, 11])
def test_no_part_is_larger_than_what_is_left_nor_smaller_than_one_unit(amount_minor: int) -> None:
    assert reason_of(SettleHold("h", amount_minor), hold()) is Reason.INSUFFICIENT_FUNDS


@pytest.mark.parametrize("state", [HoldState.VOIDED, HoldState.EXPIRED])
def test_the_rest_goes_back_once(state: Any) -> None:
    now = LATER if state is HoldState.EXPIRED else NOON
    ended = ReleaseHold("h", 6, state).apply(hold(left_minor=6), now)
    assert (ended["state"], ended["left_minor"], ended["ended_at"]) == (state, 0, now)
    for again in (HoldState.VOIDED, HoldState.EXPIRED):
        assert reason_of(ReleaseHold("h", 6, again), ended, LATER) is Reason.WRONG_STATE


def test_a_hold_is_settled_before_its_time_is_over_and_expires_from_then_on() -> None:
    before = LATER - timedelta(milliseconds=1)
    assert SettleHold("h", 10).apply(hold(), before)["state"] is HoldState.SETTLED
    assert reason_of(ReleaseHold("h", 10, HoldState.EXPIRED), hold(), before) is Reason.WRONG_STATE
    assert reason_of(SettleHold("h", 10), hold(), LATER) is Reason.EXPIRED
    assert ReleaseHold("h", 10, HoldState.EXPIRED).apply(hold(), LATER)["state"] is HoldState.EXPIRED


def test_a_rest_that_was_read_before_another_part_was_taken_is_read_again() -> None:
    assert reason_of(ReleaseHold("h", 10, HoldState.VOIDED), hold(left_minor=6)) is Reason.CHANGED_MEANWHILE


def test_there_is_no_hold_where_none_was_opened() -> None:
    assert reason_of(SettleHold("h", 1), None) is Reason.NOT_FOUND
    assert reason_of(ReleaseHold("h", 1, HoldState.VOIDED), None) is Reason.NOT_FOUND


def test_a_hold_with_more_left_than_it_had_is_a_violation() -> None:
    with pytest.raises(InvariantViolated):
        SettleHold("h", 1).apply(hold(left_minor=11), NOON)
