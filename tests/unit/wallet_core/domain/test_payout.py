"""The life of a payout: what may follow what, and nothing else."""

import itertools
import json

import pytest

from tests.unit.wallet_core.world import ADDRESS, ETH, ITD, NOON, OTHER_ADDRESS
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import (
    BATCH_MOVES,
    BATCHES_IN_FLIGHT,
    PAYOUT_MOVES,
    Attempt,
    BatchState,
    MarkSent,
    PayoutState,
    Withdrawal,
    move_batch,
    move_payout,
)
from wallet_core.domain.reservation import Reservation, Reserve

WITHDRAWAL = Withdrawal(
    id="w",
    person=1,
    state=PayoutState.QUEUED,
    asset=Asset.ETH,
    address=ADDRESS,
    amount_minor=2_000 * ITD,
    fee_minor=ITD // 2,
    coin_minor=ETH,
    rate_minor=2_000 * ITD,
    quoted_until=NOON,
    mac="",
    decision={},
    limit_day="2026-11-22",
)
PAYOUT_TABLE = {
    "review": {"queued", "refused", "cancelled"},
    "queued": {"batched", "cancelled", "returned"},
    "batched": {"settled", "queued", "returned"},
    "settled": {"settled"},
    "refused": set(),
    "cancelled": set(),
    "returned": set(),
}
BATCH_TABLE = {
    "formed": {"formed", "signed"},
    "signed": {"broadcast"},
    "broadcast": {"broadcast", "signed", "confirmed"},
    "confirmed": {"broadcast", "confirmed", "settled", "reverted", "abandoned"},
    "settled": {"broadcast"},
    "reverted": {"broadcast"},
    "abandoned": {"broadcast"},
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(PayoutState, repeat=2)))
def test_a_payout_makes_the_moves_of_the_table_and_no_other(before: PayoutState, after: PayoutState) -> None:
    if after in PAYOUT_TABLE[before]:
        moved = move_payout("w", before, after).apply({**WITHDRAWAL.document(), "state": before}, NOON)
        assert moved["state"] is after
    else:
        with pytest.raises(InvariantViolated, match="not allowed"):
            move_payout("w", before, after)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(BatchState, repeat=2)))
def test_a_batch_makes_the_moves_of_the_table_and_no_other(before: BatchState, after: BatchState) -> None:
    if after in BATCH_TABLE[before]:
        assert move_batch("b", before, after).apply({"_id": "b", "state": before}, NOON)["state"] is after
    else:
        with pytest.raises(InvariantViolated, match="not allowed"):
            move_batch("b", before, after)


def test_the_tables_know_no_state_that_these_tables_do_not() -> None:
    assert {s.value for s in PayoutState} == PAYOUT_TABLE.keys()
    assert {s.value for s in BatchState} == BATCH_TABLE.keys()
    assert PAYOUT_MOVES.keys() <= set(PayoutState)


def test_whatever_has_ended_stays_as_it_ended() -> None:
    for state in (PayoutState.REFUSED, PayoutState.CANCELLED, PayoutState.RETURNED):
        assert not PAYOUT_MOVES.get(state)
    for ended in (BatchState.REVERTED, BatchState.ABANDONED):
        assert BATCH_MOVES[ended] == {BatchState.BROADCAST}, "void, after a reorganisation deeper than final"


def test_a_paid_payout_is_paid_whatever_the_chain_does() -> None:
    assert PAYOUT_MOVES[PayoutState.SETTLED] == {PayoutState.SETTLED}


def test_every_batch_that_may_still_move_is_in_flight_or_watched_for_a_reorganisation() -> None:
    ended = {BatchState.SETTLED, BatchState.REVERTED, BatchState.ABANDONED}
    assert {*BATCHES_IN_FLIGHT, *ended} == set(BATCH_MOVES)
    assert BATCH_MOVES[BatchState.SETTLED] == {BatchState.BROADCAST}


@pytest.mark.parametrize(("has", "before"), [(None, None), ("old", "old")])
def test_a_coin_is_given_to_one_batch(has: str | None, before: str | None) -> None:
    reserved = Reservation(id="BTC:t:0", asset=Asset.BTC, batch="new")
    document = None if has is None else {**reserved.document(), "batch": has}
    assert Reserve(reserved, before).apply(document, NOON)["batch"] == "new"
    for other in (None, "old", "third"):
        if other != before:
            with pytest.raises(Refused) as refused:
                Reserve(reserved, other).apply(document, NOON)
            assert refused.value.reason is Reason.CHANGED_MEANWHILE


def test_a_batch_may_be_given_the_coin_that_it_has_already() -> None:
    reserved = Reservation(id="LTC:t:0", asset=Asset.LTC, batch="b")
    for before in (None, "old"):
        assert Reserve(reserved, before).apply(reserved.document(), NOON) == reserved.document()


def test_a_person_cannot_cancel_what_is_in_a_batch() -> None:
    with pytest.raises(InvariantViolated):
        move_payout("w", PayoutState.BATCHED, PayoutState.CANCELLED)


def test_a_move_is_refused_when_somebody_else_moved_first() -> None:
    cancel = move_payout("w", PayoutState.QUEUED, PayoutState.CANCELLED)
    with pytest.raises(Refused) as refused:
        cancel.apply({**WITHDRAWAL.document(), "state": PayoutState.BATCHED}, NOON)
    assert refused.value.reason is Reason.WRONG_STATE


def test_a_move_sets_the_fields_beside_the_state() -> None:
    moved = move_payout("w", PayoutState.QUEUED, PayoutState.BATCHED, batch="b").apply(WITHDRAWAL.document(), NOON)
    assert Withdrawal.of(moved) == WITHDRAWAL.model_copy(update={"state": PayoutState.BATCHED, "batch": "b"})


@pytest.mark.parametrize(
    "change",
    [
        {"id": "v"},
        {"person": 2},
        {"asset": Asset.LTC},
        {"address": OTHER_ADDRESS},
        {"coin_minor": ETH + 1},
        {"amount_minor": 2_000 * ITD + 1},
        {"fee_minor": 0},
        {"rate_minor": 1},
    ],
)
def test_no_term_of_a_payout_can_change_without_its_seal_breaking(change: dict[str, object]) -> None:
    assert WITHDRAWAL.model_copy(update=change).terms() != WITHDRAWAL.terms()


def test_what_happens_to_a_payout_later_does_not_break_its_seal() -> None:
    later = {"state": PayoutState.SETTLED, "txid": "0x1", "batch": "b", "reverts": 1, "reviewed_by": 9, "mac": "m"}
    assert WITHDRAWAL.model_copy(update=later).terms() == WITHDRAWAL.terms()


def test_the_terms_of_today_are_the_terms_of_tomorrow() -> None:
    # Sealed when the person confirmed and checked when the worker signs, maybe by a later version of this program.
    terms = ["w", 1, "ETH", ADDRESS, ETH, 2_000 * ITD, ITD // 2, 2_000 * ITD]
    assert json.loads(WITHDRAWAL.terms()) == terms


def test_terms_survive_the_database() -> None:
    assert Withdrawal.of(WITHDRAWAL.document()).terms() == WITHDRAWAL.terms()


def test_amount_and_fee_are_held() -> None:
    assert WITHDRAWAL.total_minor == 2_000 * ITD + ITD // 2


def test_the_first_broadcast_of_an_attempt_is_noted_and_later_ones_do_not_change_it() -> None:
    attempt = Attempt(id="a", batch="b", number=1, txid="0x1", raw=b"raw").document()
    sent = MarkSent("a").apply(attempt, NOON)
    assert sent == {**attempt, "broadcast_at": NOON}
    assert MarkSent("a").apply(sent, NOON.replace(hour=13)) == sent


def test_an_attempt_that_is_not_there_was_not_sent() -> None:
    with pytest.raises(InvariantViolated):
        MarkSent("a").apply(None, NOON)
