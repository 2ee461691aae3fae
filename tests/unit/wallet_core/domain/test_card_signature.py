"""The webhook's signature: what Stripe's own library makes fits, and nothing else does."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from wallet_core.domain.card_signature import is_genuine

SECRET = "whsec_of_the_tests"
RAW = b'{"id": "evt_1"}'
NOW = datetime.fromtimestamp(1_800_000_000, UTC)


def header(raw: bytes = RAW, secret: str = SECRET, at: int = 1_800_000_000) -> str:
    """As Stripe's library computes it."""
    mac = stripe.WebhookSignature._compute_signature(f"{at}.{raw.decode()}", secret)
    return f"t={at},v1={mac}"


def test_what_stripe_signs_fits_and_stripes_own_library_agrees() -> None:
    assert is_genuine(RAW, header(), SECRET, NOW)
    now = int(time.time())
    assert stripe.WebhookSignature.verify_header(RAW.decode(), header(at=now), SECRET, 300)


@pytest.mark.parametrize(("seconds", "fits"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_a_signature_is_good_for_five_minutes(seconds: int, fits: bool) -> None:
    assert is_genuine(RAW, header(), SECRET, NOW + timedelta(seconds=seconds)) is fits


def test_while_a_secret_is_changed_one_of_two_signatures_has_to_fit() -> None:
    other = header(secret="whsec_other").partition(",")[2]
    assert is_genuine(RAW, f"{header()},{other}", SECRET, NOW)
    assert is_genuine(RAW, f"{header(secret='whsec_other')},{header().partition(',')[2]}", SECRET, NOW)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "v1=",
        "t=1800000000",
        header().replace("v1=", "v0="),
        header().replace("t=", "T="),
        header().replace("t=1800000000", "t=1800000001"),
        header().replace("t=1800000000", "t=１８０００００００0"),
        header().replace("t=1800000000", "t=1800000000,t=1800000000"),
        header().replace("t=1800000000", "t=" + "9" * 5_000),
        header()[:-1],
        header() + "é",
        header(raw=b'{"id": "evt_2"}'),
        header(secret="whsec_other"),
        header(secret=""),
    ],
)
def test_everything_else_is_refused(given: str) -> None:
    assert not is_genuine(RAW, given, SECRET, NOW)


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not is_genuine(RAW, header(secret=""), "", NOW)
