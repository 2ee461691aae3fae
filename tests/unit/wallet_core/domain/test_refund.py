"""A case has one refund: it enters the queue once, and again only after it ended unpaid."""

from __future__ import annotations

import pytest

from tests.unit.wallet_core.world import BTC_ADDRESS, NOON
from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.refund import QueueRefund, refund_begun, refund_over

CASE = Case(
    id="c",
    kind=CaseKind.TOO_SMALL,
    state=CaseState.WAITING,
    person=1,
    invoice="i",
    asset=Asset.BTC,
    coin_minor=1_500,
    opened_at=NOON,
    choice=CaseChoice.REFUND,
    decisions=1,
)
REFUND = Withdrawal(
    id="c",
    person=1,
    state=PayoutState.QUEUED,
    asset=Asset.BTC,
    address=BTC_ADDRESS,
    amount_minor=1,
    fee_minor=0,
    coin_minor=1_083,
    rate_minor=1,
    quoted_until=NOON,
    mac="new",
    decision={},
    limit_day="2026-11-22",
    case="c",
    withheld_minor=417,
)


@pytest.mark.parametrize("state", PayoutState)
def test_a_refund_takes_the_place_of_one_that_ended_unpaid_and_of_no_other(state: PayoutState) -> None:
    there = REFUND.model_copy(update={"state": state, "mac": "old", "batch": "b", "txid": "t", "reverts": 1}).document()
    if state in {PayoutState.CANCELLED, PayoutState.RETURNED}:
        after = Withdrawal.of(QueueRefund(REFUND).apply(there, NOON))
        assert after == REFUND.model_copy(update={"created_at": NOON})
        return
    with pytest.raises(Refused) as refused:
        QueueRefund(REFUND).apply(there, NOON)
    assert refused.value.reason is Reason.WRONG_STATE


def test_a_refund_takes_the_place_of_no_withdrawal() -> None:
    withdrawal = REFUND.model_copy(update={"case": None, "state": PayoutState.CANCELLED}).document()
    with pytest.raises(InvariantViolated):
        QueueRefund(REFUND).apply(withdrawal, NOON)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"state": CaseState.OPEN}, Reason.WRONG_STATE),
        ({"state": CaseState.PAYING}, Reason.WRONG_STATE),
        ({"state": CaseState.CLOSED}, Reason.WRONG_STATE),
        ({"choice": CaseChoice.ASK_REST}, Reason.CHANGED_MEANWHILE),
        ({"decisions": 2}, Reason.CHANGED_MEANWHILE),
        ({"refunds": 1}, Reason.CHANGED_MEANWHILE),
    ],
)
def test_a_refund_begins_only_while_an_address_is_asked_for(changed: dict[str, object], reason: Reason) -> None:
    assert refund_begun(CASE).apply(CASE.document(), NOON)["state"] is CaseState.PAYING
    with pytest.raises(Refused) as refused:
        refund_begun(CASE).apply(CASE.model_copy(update=changed).document(), NOON)
    assert refused.value.reason is reason


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.WAITING, CaseState.CLOSED])
def test_a_refund_ends_once(state: CaseState) -> None:
    paying = CASE.model_copy(update={"state": CaseState.PAYING}).document()
    ended = refund_over("c", state).apply(paying, NOON)
    assert ended["state"] is state
    with pytest.raises(Refused):
        refund_over("c", state).apply(ended, NOON)
