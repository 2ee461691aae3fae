"""Intents: confirmed once, before they expire, or cancelled."""

from datetime import timedelta

import pytest

from tests.unit.wallet_core.world import ADDRESS, ITD, NOON
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.intent import Intent, IntentKind, IntentState, cancelled, confirmed
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Change, Document

INTENT = Intent(
    id="i",
    person=1,
    kind=IntentKind.WITHDRAWAL,
    created_at=NOON,
    expires_at=NOON + timedelta(minutes=5),
    amount_minor=10 * ITD,
    fee_minor=ITD,
    asset=Asset.ETH,
    address=ADDRESS,
)
OPEN = INTENT.document()


def reason(change: Change, document: Document | None, minutes: int = 0) -> Reason:
    with pytest.raises(Refused) as refused:
        change.apply(document, NOON + timedelta(minutes=minutes))
    return refused.value.reason


def test_an_open_intent_is_confirmed_or_cancelled() -> None:
    assert confirmed("i").apply(OPEN, NOON)["state"] is IntentState.CONFIRMED
    assert cancelled("i").apply(OPEN, NOON)["state"] is IntentState.CANCELLED


@pytest.mark.parametrize("state", [IntentState.CONFIRMED, IntentState.CANCELLED, IntentState.REFUSED])
@pytest.mark.parametrize("change", [confirmed("i"), cancelled("i")])
def test_what_was_decided_cannot_be_decided_again(state: IntentState, change: Change) -> None:
    assert reason(change, {**OPEN, "state": state}) is Reason.WRONG_STATE


def test_an_expired_offer_is_not_confirmed_but_can_still_be_cancelled() -> None:
    assert confirmed("i").apply(OPEN, NOON + timedelta(minutes=5))["state"] is IntentState.CONFIRMED
    assert reason(confirmed("i"), OPEN, minutes=6) is Reason.EXPIRED
    assert cancelled("i").apply(OPEN, NOON + timedelta(minutes=6))["state"] is IntentState.CANCELLED


def test_an_intent_that_was_never_offered_cannot_be_confirmed() -> None:
    assert reason(confirmed("i"), None) is Reason.NOT_FOUND


def test_the_fee_leaves_the_person_on_top() -> None:
    assert INTENT.total_minor == 11 * ITD


def test_a_withdrawal_has_a_coin_and_an_address() -> None:
    assert INTENT.payee == (Asset.ETH, ADDRESS)


@pytest.mark.parametrize("missing", ["asset", "address"])
def test_a_withdrawal_without_coin_or_address_is_a_violation(missing: str) -> None:
    with pytest.raises(InvariantViolated):
        _ = INTENT.model_copy(update={missing: None}).payee
