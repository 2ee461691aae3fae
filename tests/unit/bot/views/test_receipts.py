"""Receipts name every step of a purchase and a withdrawal, in every language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.actions import Action
from bot.views.card import Card
from bot.views.receipts import receipt
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.money import Asset
from wallet_core.domain.receipts import InvoiceStep, WithdrawalStep

AT = datetime(2026, 11, 23, tzinfo=UTC)
WITHDRAWAL: dict[str, Any] = {
    "id": "w1", "asset": "ETH", "address": "0xAddress", "amount_minor": 50_000_000, "fee_minor": 500_000,
    "coin_minor": 2 * 10**16, "rate_minor": 2_500_000_000, "not_before": None, "txid": "0xTxid", "person": 7,
}  # fmt: skip
INVOICE: dict[str, Any] = {
    "id": "i1", "asset": "ETH", "address": "0xAddress", "payment_uri": "ethereum:0xAddress?value=2&x=<y>",
    "amount_minor": 50_000_000, "fee_minor": 500_000, "coin_minor": 2 * 10**16, "rate_minor": 2_500_000_000,
    "expires_at": AT, "pending_minor": 1, "received_minor": 2, "credited_minor": 3, "held_minor": 4, "txid": None,
}  # fmt: skip
#: The others are of cards alone.
COIN_STEPS = [step for step in InvoiceStep if step not in (InvoiceStep.FAILED, InvoiceStep.DISPUTED)]
OTHERS: dict[str, dict[str, Any]] = {
    "recovery_codes": {},
    "recovery_used": {"withdrawals_from": AT, "codes_left": 7},
    "sent": {"amount_minor": 5, "fee_minor": 1, "id": "s1", "other_id": 7, "other_name": "<Eve>"},
    "received": {"amount_minor": 5, "fee_minor": 1, "id": "s1", "other_id": 7, "other_name": "<Eve>"},
    "hold_released": {"amount_minor": 5_000_000, "id": "job"},
    "debt_repaid": {"amount_minor": 5_000_000, "debt_minor": 1},
    "frozen": {},
    "thawed": {},
    "review_waiting": {**WITHDRAWAL, "step": "review"},
    "case": {
        "id": "c1", "kind": "too_small", "state": "open", "person": 7, "invoice": "i1", "asset": "ETH", "coin_minor": 5,
        "payments": ["ETH:0xTxid:0"], "decisions": 0, "choice": None, "decided_by": None, "facts": {},
    },
    "alarm": {"alarm": "foreign_spend", "subject": "b1", "frozen": True, "asset": "ETH"},
    "hot_wallet": {
        "step": "short", "asset": "ETH", "address": "0xAddress", "missing_minor": 5, "free_minor": 1,
        "queued_minor": 2, "floor_minor": 3, "payment_uri": "ethereum:0xAddress?value=5",
    },
    "alert": {
        "id": "foreign_spend:ETH", "alarm": "foreign_spend", "asset": "ETH", "subject": "b1", "frozen": True,
        "episode": 1, "count": 3, "first_at": AT, "last_at": AT, "closed_at": None, "closed_by": None,
        "severity": "critical", "telling": "reminder", "reminders": 2,
    },
    "day_report": {
        "day": "2026-11-22", "owed_minor": 5_000_000, "worth_minor": 6_000_000, "reviews": 1, "cases": 2, "seals": 3,
        "holdings": [{"asset": "ETH", "coin_minor": 10**18, "worth_minor": 6_000_000}], "verified_at": AT,
        "rails": [
            {"asset": "ETH", "queued": 1, "queued_minor": 5, "oldest_at": AT, "free_minor": 7, "missing_minor": 2},
        ],
        "volumes": {
            "sends": 1, "sent_minor": 1, "purchases": 2, "bought_minor": 2, "withdrawals": 3, "paid_minor": 3,
            "income_minor": 4,
        },
        "applications": 4, "troubles": ["queue", "uncovered", "applications"],
    },
    "rail_switched": {"rails": ["BTC", "ETH"], "after": "draining", "by": 7, "why": "<b>storm"},
    "mode_switched": {"before": "open", "after": "paused", "by": 7, "why": "<b>storm"},
    "something_new": {"number": 5},
}  # fmt: skip


def _message(template: str, facts: dict[str, Any], thread: str | None = None) -> OutboxMessage:
    return OutboxMessage(id="m#0", person=1, template=template, facts=facts, thread=thread, at=AT, order=0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", WithdrawalStep)
def test_every_step_of_a_withdrawal_is_told(language: str, step: WithdrawalStep) -> None:
    facts = {**WITHDRAWAL, "step": step.value, "policy": "new_address", "numbers": {"frees_at": AT}}
    card = receipt(words_for(language), _message("withdrawal", facts, "withdrawal:w1"))
    assert "0xAddress" in card.text and "0xTxid" in card.text and "0.02 ETH" in card.text
    assert card.thread == "withdrawal:w1"
    stops = [button for row in card.rows for button in row if button.action is Action.WITHDRAWAL_STOP]
    assert bool(stops) == (step in {WithdrawalStep.REVIEW, WithdrawalStep.QUEUED})


#: What the worker knows at each step, and what the person reads of it.
TOLD: list[tuple[dict[str, Any], str]] = [
    ({"step": "queued", "place": 3, "length": 12}, "queued, place 3 of 12 on this chain. The money is held."),
    ({"step": "queued", "place": 3, "length": 12, "not_before": AT}, "place 3 of 12 on this chain, not paid before"),
    ({"step": "queued", "not_before": AT}, "queued, not paid before 00:00 UTC, 23 Nov"),
    ({"step": "queued"}, "queued for the next batch"),
    ({"step": "queued", "reverted": True}, "queued again"),
    ({"step": "batched", "count": 42}, "in a batch with 41 others"),
    ({"step": "batched", "count": 2}, "in a batch with 1 other;"),
    ({"step": "batched", "count": 1}, "in a batch of its own"),
    ({"step": "batched"}, "in a batch; it is being signed"),
    ({"step": "broadcast", "price_minor": 12}, "Fee rate offered to the network: 12 sat/vB"),
    ({"step": "bumped", "attempt": 2, "price_minor": 30}, "the fee was raised so that it gets through; attempt 2."),
    ({"step": "bumped"}, "the fee was raised so that it gets through."),
    ({"step": "confirmed", "confirmations": 2, "needed": 6}, "in the chain, 2 of 6 confirmations."),
    ({"step": "confirmed", "confirmations": 7, "needed": 6}, "in the chain, 6 of 6 confirmations."),
    ({"step": "confirmed", "confirmations": 1, "needed": 1}, "in the chain, 1 of 1 confirmation."),
    ({"step": "confirmed", "confirmations": 1}, "in the chain, 1 confirmation."),
    ({"step": "confirmed"}, "in the chain; waiting until it is final"),
    ({"step": "unknown", "waits_for": "node"}, "your funds are safe; waiting for an answer of our node"),
    ({"step": "unknown", "waits_for": "network"}, "your funds are safe; waiting for the transaction to be seen"),
    ({"step": "unknown", "waits_for": "conflict"}, "your funds are safe; waiting for a conflicting spend"),
    ({"step": "unknown", "waits_for": "something new"}, "your funds are safe; it is looked up until it is clear"),
    ({"step": "unknown"}, "your funds are safe; it is looked up until it is clear"),
    ({"step": "settled", "network_fee_minor": 141}, "network's fee, paid by this service: 0.00000141 BTC"),
]


@pytest.mark.parametrize(("facts", "part"), TOLD)
def test_a_withdrawal_tells_what_is_known_and_does_without_what_is_not(facts: dict[str, Any], part: str) -> None:
    coins = {**WITHDRAWAL, "asset": "BTC", "coin_minor": 33_333, **facts}
    text = receipt(words_for("en"), _message("withdrawal", coins)).text
    assert part in text and "Withdrawal of 0.00033333 BTC" in text and "None" not in text and "\n\n" not in text
    others = {receipt(words_for(language), _message("withdrawal", coins)).text for language in LANGUAGES}
    assert len(others) == len(LANGUAGES) and not any("{" in other for other in others)


@pytest.mark.parametrize(("wei", "shown"), [(1, "0.000000001"), (20 * 10**9, "20"), (1_500_000_000, "1.5")])
def test_the_price_of_gas_is_shown_in_gwei(wei: int, shown: str) -> None:
    facts = {**WITHDRAWAL, "step": "broadcast", "price_minor": wei}
    assert f"network: {shown} gwei\n" in receipt(words_for("en"), _message("withdrawal", facts)).text


@pytest.mark.parametrize(
    ("asset", "network", "shown"),
    [
        ("BTC", "main", "Network: Bitcoin\n"),
        ("BTC", "regtest", "Network: Bitcoin, test network (regtest)\n"),
        ("LTC", "test", "Network: Litecoin, test network (test)\n"),
        ("ETH", "1", "Network: Ethereum\n"),
        ("ETH", "31337", "Network: Ethereum, test network (31337)\n"),
    ],
)
def test_a_receipt_names_the_network_and_says_that_it_is_a_test(asset: str, network: str, shown: str) -> None:
    facts = {**WITHDRAWAL, "asset": asset, "step": "queued"}
    card = receipt(words_for("en"), _message("withdrawal", facts), networks={Asset(asset): network})
    assert shown in card.text


def test_steps_differ_in_words() -> None:
    words = words_for("en")
    for template, facts, steps in (("withdrawal", WITHDRAWAL, WithdrawalStep), ("invoice", INVOICE, COIN_STEPS)):
        texts = {receipt(words, _message(template, {**facts, "step": step.value})).text for step in steps}
        assert len(texts) == len(steps)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", COIN_STEPS)
def test_every_step_of_a_purchase_is_told(language: str, step: InvoiceStep) -> None:
    card = receipt(words_for(language), _message("invoice", {**INVOICE, "step": step.value}, "invoice:i1"))
    of_all = step in {InvoiceStep.OPEN, InvoiceStep.GONE, InvoiceStep.REST}
    payable = of_all or step is InvoiceStep.PARTLY
    assert "0xAddress" in card.text and ("value=2&amp;x=&lt;y&gt;" in card.text) == of_all
    assert [b.copies for row in card.rows for b in row if b.copies] == (["0xAddress", "0.02"] if payable else [])
    assert (card.picture is not None) == (step in {InvoiceStep.OPEN, InvoiceStep.PARTLY, InvoiceStep.REST})
    assert card.anew == (step is InvoiceStep.REST)
    if language == "en":
        assert ("credited" in card.text) == (step is InvoiceStep.CREDITED)


def test_what_is_missing_is_what_the_card_asks_for() -> None:
    partly = {**INVOICE, "step": "partly", "missing_minor": 10**16, "credited_minor": 25_000_000}
    card = receipt(words_for("en"), _message("invoice", partly))
    assert "25 ITD</b> is on your balance, and 0.01 ETH is missing" in card.text
    assert "Pay exactly: <b>0.01 ETH</b>" in card.text and card.rows[0][1].copies == "0.01"
    assert card.picture and card.picture.content == f"ethereum:0xAddress?value=2&x={10**16}"
    assert "0.01 ETH" in card.picture.caption
    coins = {**partly, "asset": "BTC", "missing_minor": 5_000, "payment_uri": "bitcoin:bcrt1q?amount=0.00084167"}
    assert "<code>bitcoin:bcrt1q?amount=0.00005</code>" in receipt(words_for("en"), _message("invoice", coins)).text
    asked = {"aside_minor": 10**14, "rest_minor": 10**15, "until": AT, "payment_uri": "ethereum:0xRest"}
    card = receipt(words_for("en"), _message("invoice", {**INVOICE, "step": "rest", **asked}, "invoice:i1"))
    assert "0.0001 ETH</b> arrived, too little" in card.text and "until 00:00 UTC, 23 Nov." in card.text
    assert "Pay exactly: <b>0.001 ETH</b>" in card.text and card.rows[0][1].copies == "0.001"
    assert card.picture and card.picture.content == "ethereum:0xRest" and "0.001 ETH" in card.picture.caption


def _pending(**facts: Any) -> Card:
    return receipt(words_for("en"), _message("invoice", {**INVOICE, "step": "pending", "credited_minor": 0, **facts}))


def test_nobody_is_asked_to_pay_while_all_of_it_is_on_its_way() -> None:
    whole = _pending(pending_minor=2 * 10**16, missing_minor=0)
    assert "<b>0.02 ETH</b> was seen" in whole.text and "Do not pay again." in whole.text
    assert "Pay exactly" not in whole.text and "ethereum:" not in whole.text and whole.picture is None
    assert [(b.action, b.argument) for row in whole.rows for b in row] == [(Action.PAYMENT, "i1")]


def test_who_paid_too_little_reads_what_is_missing_while_it_is_on_its_way() -> None:
    part = _pending(pending_minor=10**16, missing_minor=10**16)
    assert "0.01 ETH is missing of the whole order" in part.text and "Do not pay again" not in part.text
    aside = _pending(pending_minor=10**16, missing_minor=10**16, aside_minor=2 * 10**16, credited_minor=5_000_000)
    assert "missing" not in aside.text and "Of this purchase already on your balance: 5 ITD" in aside.text


def test_who_gets_coins_back_presses_a_button_and_follows_a_receipt_of_its_own() -> None:
    card = receipt(words_for("en"), _message("invoice", {**INVOICE, "step": "refund", "case": "c1", "aside_minor": 5}))
    assert [(b.label, b.action, b.argument) for row in card.rows for b in row] == [
        ("Give an address", Action.REFUND, "c1")
    ]
    refund = {**WITHDRAWAL, "case": "c1", "withheld_minor": 10**15}
    for step in WithdrawalStep:
        text = receipt(words_for("en"), _message("withdrawal", {**refund, "step": step.value})).text
        assert text.startswith("<b>Refund of 0.02 ETH</b>") and "Withheld for the network: 0.001 ETH" in text
        # An admin refuses no refund: it was decided before.
        assert step is WithdrawalStep.REFUSED or not ("ITD" in text or "available again" in text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", OTHERS)
def test_every_other_template_is_told(language: str, template: str) -> None:
    card = receipt(words_for(language), _message(template, OTHERS[template]), "1-AAAA\n2-BBBB")
    assert card.text and "{" not in card.text and "<Eve>" not in card.text
    assert card.protected == (template == "recovery_codes")
    if template == "recovery_codes":
        assert "1-AAAA" in card.text and "2-BBBB" in card.text


def test_a_sent_receipt_takes_the_place_of_its_confirmation() -> None:
    assert receipt(words_for("en"), _message("sent", OTHERS["sent"])).thread == "send:s1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_receipt_is_longer_than_telegram_takes(language: str) -> None:
    facts = {**INVOICE, "step": "open", "payment_uri": "ethereum:" + "x" * 300}
    assert len(receipt(words_for(language), _message("invoice", facts)).text) < 4_096
