"""What a sweep does to invoices and payments: one at a time, sums that only grow, coins as they were credited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wallet_core.domain.errors import InvariantViolated, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.record import Change, Document
from wallet_core.domain.sweep import BeginSweep, EndSweep, SweepPayment

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INVOICE: Document = {"_id": "i", "state": "credited", "received_minor": 9}
PAYMENT = Payment(
    id="BTC:t:0",
    asset=Asset.BTC,
    invoice="i",
    person=1,
    txid="t",
    index=0,
    coin_minor=5,
    state=PaymentState.CREDITED,
    height=7,
    block_hash="h",
    seen_at=NOW,
    timely=True,
)


def test_an_address_is_under_one_sweep_at_a_time() -> None:
    begun = BeginSweep("i", "a").apply(INVOICE, NOW)
    assert begun == {**INVOICE, "sweep": "a"}
    with pytest.raises(Refused):
        BeginSweep("i", "b").apply(begun, NOW)


def test_what_was_swept_adds_up_and_the_next_sweep_may_begin() -> None:
    begun = BeginSweep("i", "a").apply(INVOICE, NOW)
    # A credit in between changes nothing of it.
    ended = EndSweep("i", "a", 4, 70).apply({**begun, "received_minor": 11}, NOW)
    assert ended == {**INVOICE, "received_minor": 11, "sweep": None, "swept_minor": 4, "swept_height": 70}
    again = EndSweep("i", "b", 5, 60).apply(BeginSweep("i", "b").apply(ended, NOW), NOW)
    assert (again["swept_minor"], again["swept_height"]) == (9, 70)


def test_the_end_of_one_sweep_is_not_that_of_another() -> None:
    begun = BeginSweep("i", "a").apply(INVOICE, NOW)
    assert EndSweep("i", "b", 4, 70).apply(begun, NOW)["sweep"] == "a"


@pytest.mark.parametrize(
    "change",
    [{"state": "reversed"}, {"generation": 1}, {"block_hash": "other"}, {"coin_minor": 6}, {"sweep": "a"}],
    ids=lambda change: next(iter(change)),
)
def test_a_coin_is_swept_once_and_as_it_was(change: Document) -> None:
    document = PAYMENT.document()
    assert SweepPayment(PAYMENT, "b").apply(document, NOW) == {**document, "sweep": "b"}
    with pytest.raises(Refused):
        SweepPayment(PAYMENT, "b").apply({**document, **change}, NOW)


@pytest.mark.parametrize("change", [BeginSweep("i", "a"), EndSweep("i", "a", 1, 1), SweepPayment(PAYMENT, "a")])
def test_what_is_not_there_is_not_swept(change: Change) -> None:
    with pytest.raises(InvariantViolated):
        change.apply(None, NOW)
