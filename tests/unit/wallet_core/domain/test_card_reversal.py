"""What claimed cents had bought: whatever is claimed and given back, in whatever order, adds up to the last unit."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.card import CardClaim, ClaimKind, ClaimState
from wallet_core.domain.card_reversal import (
    CardReversal,
    ReversalState,
    Share,
    id_after,
    is_answer,
    lost_beyond,
    reversed_by,
    reversed_for_good,
    share_of,
)
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def paid(coin_minor: int = 101_00, credited_minor: int = 100_000_000, fee_minor: int = 1_000_000) -> Payment:
    return Payment(
        id="USD:pi_1:0", asset=Asset.USD, invoice="i1", person=1, txid="pi_1", index=0, coin_minor=coin_minor,
        state=PaymentState.CREDITED, seen_at=NOW, timely=True, credited_minor=credited_minor, fee_minor=fee_minor,
    )  # fmt: skip


def after(payment: Payment, share: Share) -> Payment:
    return Payment.of(reversed_by(payment, share).apply(payment.document(), NOW))


@given(
    st.integers(1, 10**7),
    st.integers(0, 10**13),
    st.integers(0, 10**11),
    st.lists(st.tuples(st.integers(1, 10**7), st.booleans()), max_size=12),
)
def test_claims_add_up_exactly_although_some_are_given_back(
    coin_minor: int, credited_minor: int, fee_minor: int, claims: list[tuple[int, bool]]
) -> None:
    payment, held = paid(coin_minor, credited_minor, fee_minor), list[Share]()
    for claimed_minor, gives_back in claims:
        share = share_of(payment, claimed_minor)
        assert min(share.coin_minor, share.itd_minor, share.fee_minor) >= 0
        payment, held = after(payment, share), [*held, share]
        if gives_back:
            payment = after(payment, -held.pop(0))
    rest = share_of(payment, coin_minor)
    whole = [*held, rest]
    assert sum(share.coin_minor for share in whole) == coin_minor
    assert sum(share.itd_minor for share in whole) == credited_minor
    assert sum(share.fee_minor for share in whole) == fee_minor
    assert share_of(after(payment, rest), 5) == Share(0, 0, 0)


def test_only_a_payment_of_which_nothing_is_left_is_reversed() -> None:
    part = after(paid(), share_of(paid(), 50_00))
    assert reversed_for_good(part).to_state is PaymentState.CREDITED
    whole = after(part, share_of(part, 51_00))
    assert reversed_for_good(whole).to_state is PaymentState.REVERSED
    gone = whole.model_copy(update={"state": PaymentState.REVERSED})
    assert after(gone, -Share(1, 1, 1)).state is PaymentState.CREDITED
    assert after(gone, Share(0, 0, 0)).state is PaymentState.REVERSED


def claim(claim_id: str = "re_1", amount_minor: int = 100, reversal: str | None = "ours") -> CardClaim:
    return CardClaim(claim_id, ClaimKind.REFUND, ClaimState.LOST, "pi_1", "usd", amount_minor, reversal)


def reversal(reversal_id: str, claimed: str | None) -> CardReversal:
    return CardReversal(
        id=reversal_id, kind=ClaimKind.REFUND, state=ReversalState.WANTED, person=1, invoice="i1", payment="USD:pi_1:0",
        claim=claimed, coin_minor=100,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "known_claim", "fits"),
    [
        (claim(), None, True),
        (claim(), "re_1", True),
        (claim(), "re_2", False),
        (claim(reversal="another"), None, False),
        (claim(reversal=None), None, False),
        # Made in the dashboard, with the same words on it.
        (claim(amount_minor=99), None, False),
    ],
)
def test_a_refund_is_ours_by_all_that_is_known_of_it(found: CardClaim, known_claim: str | None, fits: bool) -> None:
    assert is_answer(reversal("ours", known_claim), found) is fits


@pytest.mark.parametrize(("taken_minor", "lost_minor"), [(0, 100), (40, 60), (100, 0), (101, 0)])
def test_what_a_lost_claim_did_not_find_in_its_payment_is_the_houses_loss(taken_minor: int, lost_minor: int) -> None:
    found = reversal("dp_1", "dp_1").model_copy(update={"coin_minor": taken_minor})
    assert lost_beyond(found, claim("dp_1", 100, None)) == lost_minor


def test_a_claim_that_is_raised_again_has_another_id() -> None:
    assert id_after(None, claim()) == "re_1"
    assert id_after(reversal("ours", "re_1"), claim()) == "re_1"
    assert id_after(reversal("re_1", "re_1"), claim()) == "re_1:2"
    assert id_after(reversal("re_1:9", "re_1"), claim()) == "re_1:10"
