"""The changes of which postings are made: each demands what it relies on."""

import pytest

from tests.unit.wallet_core.world import NOON
from wallet_core.domain.changes import Advance, Insert, Move, Require
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import MarkRail, Rail, RailState
from wallet_core.domain.record import Change, Document, Target

RAIL: Document = Rail(id=Asset.ETH, next_index=3).document()
PAUSE = Move(Rail, Asset.ETH, frozenset({RailState.RUNNING}), RailState.PAUSED)


def reason_of(change: Change, document: Document | None) -> Reason:
    with pytest.raises(Refused) as refused:
        change.apply(document, NOON)
    return refused.value.reason


@pytest.mark.parametrize(
    "change",
    [
        Insert(Rail(id=Asset.ETH)),
        PAUSE,
        Advance(Rail, Asset.ETH, "next_index", 3, 4),
        Require(Rail, Asset.ETH, {"next_index": 3}),
        MarkRail(Asset.ETH, "alarm", "x"),
    ],
)
def test_a_change_names_the_one_document_that_it_touches(change: Change) -> None:
    assert change.target == Target("rails", Asset.ETH)


def test_a_record_is_added_once_only() -> None:
    insert = Insert(Rail(id=Asset.ETH, next_index=3))
    assert insert.apply(None, NOON) == RAIL
    assert reason_of(insert, RAIL) is Reason.CHANGED_MEANWHILE


def test_a_stamped_record_bears_the_time_of_its_posting() -> None:
    assert Insert(Rail(id=Asset.ETH), stamp="alarm").apply(None, NOON)["alarm"] == NOON


def test_a_move_changes_the_state_and_the_fields_beside_it_and_nothing_else() -> None:
    move = Move(Rail, Asset.ETH, frozenset({RailState.RUNNING}), RailState.PAUSED, {"alarm": "x"}, stamp="genesis")
    assert move.apply(RAIL, NOON) == {**RAIL, "state": RailState.PAUSED, "alarm": "x", "genesis": NOON}


def test_a_move_cannot_be_made_twice() -> None:
    assert reason_of(PAUSE, PAUSE.apply(RAIL, NOON)) is Reason.WRONG_STATE


def test_a_move_of_what_is_not_there_is_refused() -> None:
    assert reason_of(PAUSE, None) is Reason.NOT_FOUND


def test_a_move_is_refused_when_a_field_that_it_was_decided_on_has_changed() -> None:
    move = Move(Rail, Asset.ETH, frozenset(RailState), RailState.PAUSED, expected={"alarm": "nonce"})
    assert reason_of(move, {**RAIL, "alarm": "reorganisation"}) is Reason.CHANGED_MEANWHILE
    assert move.apply({**RAIL, "alarm": "nonce"}, NOON)["state"] is RailState.PAUSED


def test_a_promise_holds_until_the_very_moment_of_its_expiry() -> None:
    move = Move(Rail, Asset.ETH, frozenset(RailState), RailState.PAUSED, expires=True)
    assert move.apply({**RAIL, "expires_at": NOON}, NOON)["state"] is RailState.PAUSED
    assert reason_of(move, {**RAIL, "expires_at": NOON.replace(hour=11)}) is Reason.EXPIRED


def test_of_two_who_advance_a_number_only_the_first_gets_it() -> None:
    advance = Advance(Rail, Asset.ETH, "next_index", 3, 4)
    after = advance.apply(RAIL, NOON)
    assert after == {**RAIL, "next_index": 4}
    assert reason_of(advance, after) is Reason.CHANGED_MEANWHILE


def test_a_number_of_nothing_cannot_advance() -> None:
    with pytest.raises(InvariantViolated):
        Advance(Rail, Asset.ETH, "next_index", 0, 1).apply(None, NOON)


def test_what_is_required_is_written_back_unchanged_so_that_a_rival_conflicts() -> None:
    assert Require(Rail, Asset.ETH, {"next_index": 3}).apply(RAIL, NOON) == RAIL


@pytest.mark.parametrize("document", [None, {**RAIL, "next_index": 4}])
def test_what_is_required_and_is_not_so_refuses_with_its_own_reason(document: Document | None) -> None:
    assert reason_of(Require(Rail, Asset.ETH, {"next_index": 3}), document) is Reason.CHANGED_MEANWHILE
    closed = Require(Rail, Asset.ETH, {"next_index": 3}, Reason.RAIL_OFF)
    assert reason_of(closed, document) is Reason.RAIL_OFF


def test_a_rail_keeps_its_first_alarm() -> None:
    marked = MarkRail(Asset.ETH, "alarm", "nonce").apply(RAIL, NOON)
    assert marked["alarm"] == "nonce"
    assert MarkRail(Asset.ETH, "alarm", "nonce").apply(marked, NOON) == marked
    assert reason_of(MarkRail(Asset.ETH, "alarm", "other"), marked) is Reason.CHANGED_MEANWHILE


def test_a_rail_that_is_not_there_cannot_be_marked() -> None:
    with pytest.raises(InvariantViolated):
        MarkRail(Asset.ETH, "genesis", "0x0").apply(None, NOON)
