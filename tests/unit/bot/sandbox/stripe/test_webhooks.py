"""Signatures as stripe-python makes and verifies them, and the pauses between attempts."""

import stripe
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.stripe.webhooks import ATTEMPTS_LIMIT, LONGEST_PAUSE_SECONDS, pause_seconds, signature


@given(st.text(max_size=50), st.text("abcdefwhsec_", min_size=1), st.integers(1, 2**40))
def test_a_signature_is_stripes(payload: str, secret: str, at: int) -> None:
    header = signature(payload, secret, at)
    assert header == stripe.WebhookSignature.generate_signature_header(payload, secret, at)
    assert stripe.WebhookSignature.verify_header(payload.encode(), header, secret)


def test_pauses_grow_to_a_minute() -> None:
    pauses = [pause_seconds(attempt) for attempt in range(1, ATTEMPTS_LIMIT)]
    assert pauses[:3] == [0.5, 1, 2] and pauses[-1] == LONGEST_PAUSE_SECONDS
    assert pauses == sorted(pauses)
