"""What each mode lets begin, and what the switch of a rail does to requests, batches and the worker."""

from datetime import timedelta

import pytest

from tests.unit.wallet_core.world import NOON
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import decide
from wallet_core.domain.mode import Doing, Mode, Switch, Switchboard, WhileOpen, shutting, switched_to
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.rails import FORMS, PAYS, SHUT, RailAllows
from wallet_core.domain.record import Change

BOARD = Switchboard()


def reason_of(change: Change, document: object) -> Reason | None:
    """Why a change is refused; None where it is not."""
    try:
        change.apply(document, NOON)  # type: ignore[arg-type]  # a document, or None
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize(
    ("mode", "refused"),
    [
        (Mode.OPEN, {}),
        (Mode.WITHDRAW_ONLY, {Doing.SEND: Reason.WITHDRAW_ONLY, Doing.PURCHASE: Reason.WITHDRAW_ONLY}),
        (
            Mode.PAUSED,
            {
                Doing.SEND: Reason.ALL_PAUSED,
                Doing.PURCHASE: Reason.ALL_PAUSED,
                Doing.WITHDRAWAL: Reason.ALL_PAUSED,
                # For the worker it is as if every rail were off.
                Doing.PAYING: Reason.RAIL_OFF,
            },
        ),
    ],
)
def test_each_mode_lets_begin_what_its_name_says_and_nothing_else(mode: Mode, refused: dict[Doing, Reason]) -> None:
    board = BOARD.model_copy(update={"mode": mode}).document()
    found = {doing: reason_of(WhileOpen(doing, Asset.ETH), board) for doing in Doing}
    assert {doing: reason for doing, reason in found.items() if reason} == refused


def test_where_nobody_has_ever_switched_everything_is_open() -> None:
    assert {reason_of(WhileOpen(doing), None) for doing in Doing} == {None}


def test_it_is_read_in_the_posting_and_not_written_so_that_a_switch_waits_for_nobody() -> None:
    sends = WhileOpen(Doing.SEND)
    assert decide((sends,), {sends.target: None}, NOON, NOON) == {}
    # What the same group switched before it counts.
    stops = switched_to(BOARD, Mode.PAUSED, 7, "")
    with pytest.raises(Refused) as refused:
        decide((stops, sends), {sends.target: None}, NOON, NOON)
    assert refused.value.reason is Reason.ALL_PAUSED


def test_a_switch_keeps_who_why_and_since_when() -> None:
    written = Switchboard.of(switched_to(BOARD, Mode.WITHDRAW_ONLY, 7, "winding down").apply(None, NOON))
    assert (written.mode, written.by, written.why, written.since, written.switches) == (
        Mode.WITHDRAW_ONLY, 7, "winding down", NOON, 1,
    )  # fmt: skip


def test_what_was_switched_in_between_is_not_switched_over() -> None:
    first = switched_to(BOARD, Mode.PAUSED, 7, "").apply(None, NOON)
    assert reason_of(switched_to(BOARD, Mode.OPEN, 8, ""), first) is Reason.CHANGED_MEANWHILE


def test_a_shut_rail_takes_no_request_of_its_own_and_its_worker_goes_on() -> None:
    (shut,) = shutting(BOARD, [Asset.BTC], shut=True)
    document = shut.apply(None, NOON)
    assert reason_of(WhileOpen(Doing.WITHDRAWAL, Asset.BTC), document) is Reason.RAIL_OFF
    assert reason_of(WhileOpen(Doing.WITHDRAWAL, Asset.LTC), document) is None
    assert reason_of(WhileOpen(Doing.PAYING, Asset.BTC), document) is None
    board = Switchboard.of(document)
    assert shutting(board, [Asset.BTC], shut=True) == ()
    opened = Switchboard.of(shutting(board, [Asset.BTC], shut=False)[0].apply(document, NOON))
    # The mode is another matter, and so is since when it stands there.
    assert (opened.shut, opened.since, opened.switches) == ((), None, 2)


def test_a_switch_leaves_what_it_does_not_name() -> None:
    before = {**BOARD.document(), "why": "x", "version": 4}
    after = Switch(0, {"mode": Mode.PAUSED}, "since").apply(before, NOON)
    assert (after["why"], after["version"], after["since"]) == ("x", 4, NOON)


@pytest.mark.parametrize("state", RailState)
def test_the_worker_forms_and_signs_as_the_switch_says(state: RailState) -> None:
    document = Rail(id=Asset.ETH, state=state).document()
    assert (reason_of(RailAllows(Asset.ETH, FORMS), document) is None) == (state in {"running", "draining"})
    assert (reason_of(RailAllows(Asset.ETH, PAYS), document) is None) == (state in {"running", "draining", "finishing"})
    alarmed = {**document, "alarm": "foreign_spend x", "alarm_at": NOON - timedelta(days=1)}
    assert reason_of(RailAllows(Asset.ETH, PAYS), alarmed) is Reason.RAIL_OFF


def test_every_position_of_the_switch_says_whether_requests_are_taken() -> None:
    assert set(RailState) - SHUT == {RailState.RUNNING, RailState.FINISHING, RailState.PAUSED}
