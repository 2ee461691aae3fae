"""A purchase by card: what is told at each step, the button that leads to the page, and never a card number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.views.card import Card
from bot.views.receipts import receipt
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.receipts import InvoiceStep

AT = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://checkout.stripe.invalid/c/pay/cs_test_1#x=<y>"
FACTS: dict[str, Any] = {
    "id": "i1", "asset": "USD", "address": "cs_test_1", "payment_uri": URL, "amount_minor": 50_000_000,
    "fee_minor": 500_000, "coin_minor": 5_050, "rate_minor": 1_000_000, "expires_at": AT, "pending_minor": 0,
    "received_minor": 5_050, "credited_minor": 50_000_000, "held_minor": 0, "txid": None,
}  # fmt: skip
STEPS = (
    InvoiceStep.OPEN, InvoiceStep.PENDING, InvoiceStep.CREDITED, InvoiceStep.EXPIRED, InvoiceStep.FAILED,
    InvoiceStep.REFUNDING, InvoiceStep.REFUNDED, InvoiceStep.DISPUTED, InvoiceStep.REVERSED,
)  # fmt: skip


def shown(step: InvoiceStep, language: str = "en", **facts: Any) -> Card:
    message = OutboxMessage(
        id="m#0", person=1, template="invoice", facts={**FACTS, "step": step.value, **facts}, at=AT, order=0
    )
    return receipt(words_for(language), message)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_told_and_only_an_open_page_has_a_button(step: InvoiceStep, language: str) -> None:
    card = shown(step, language, reversed_coin_minor=5_050, reversed_minor=50_000_000, owed_minor=1)
    assert "i1" in card.text and card.picture is None
    assert [button.url for row in card.rows for button in row] == ([URL] if step is InvoiceStep.OPEN else [])


def test_steps_differ_in_words() -> None:
    assert len({shown(step).text for step in STEPS}) == len(STEPS)


def test_the_open_page_stands_in_the_text_in_full_and_its_markup_is_none() -> None:
    assert "https://checkout.stripe.invalid/c/pay/cs_test_1#x=&lt;y&gt;" in shown(InvoiceStep.OPEN).text
    assert "50.50 USD" in shown(InvoiceStep.OPEN).text


def test_before_the_page_is_there_nothing_can_be_pressed() -> None:
    card = shown(InvoiceStep.OPEN, payment_uri="")
    assert card.rows == () and "is being opened" in card.text


def test_only_the_last_step_of_a_good_purchase_says_credited() -> None:
    told = {step for step in STEPS if "credited" in shown(step).text}
    assert told == {InvoiceStep.CREDITED}
    assert "00:00 UTC, 23 Nov" in shown(InvoiceStep.CREDITED, matures_at=AT).text


@pytest.mark.parametrize(("kind", "words"), [("refund", "refund to the card failed"), ("dispute", "in your favour")])
def test_what_comes_back_says_why(kind: str, words: str) -> None:
    text = shown(InvoiceStep.CREDITED, returned=kind, reversed_minor=20_000_000).text
    assert words in text and "20 ITD" in text


def test_who_had_spent_it_reads_what_is_owed() -> None:
    for step in (InvoiceStep.REFUNDED, InvoiceStep.REVERSED):
        assert "30 ITD" in shown(step, owed_minor=30_000_000).text
        assert "You had spent" not in shown(step, owed_minor=0).text
