"""Every refusal has words in every language, with its numbers, and no comfort that is not true."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.views.policies import policy_sentence
from bot.views.reasons import reason_text
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.agreement import NoRate
from wallet_core.domain.errors import Reason
from wallet_core.domain.policies import POLICIES

AT = datetime(2026, 11, 23, tzinfo=UTC)
LIMIT: dict[str, Any] = {
    "operation": "payout",
    "level": 1,
    "used_count": 3,
    "used_minor": 30_000_000,
    "limit_count": 3,
    "limit_minor": 250_000_000,
    "frees_at": AT,
    "next_level_count": 10,
    "next_level_minor": 2_500_000_000,
}
FACTS: dict[Reason, dict[str, Any]] = {
    Reason.WRONG_CODE: {"tries_left": 2, "until": None},
    Reason.CODE_LOCKED: {"until": AT},
    Reason.BAD_AMOUNT: {"asset": "ITD", "decimals": 6},
    Reason.BELOW_MINIMUM: {"minimum_minor": 10_000},
    Reason.BAD_ADDRESS: {"asset": "LTC", "network": "main", "address_of": "BTC"},
    Reason.UNKNOWN_ASSET: {"assets": ("ETH",)},
    Reason.RAIL_OFF: {"asset": "BTC", "assets": ("ETH",)},
    Reason.UNKNOWN_RECIPIENT: {"recipient": "<b>@x"},
    Reason.RECIPIENT_NOT_ENROLLED: {"recipient": "<b>@x"},
    Reason.INSUFFICIENT_FUNDS: {"available_minor": 1, "needed_minor": 2},
    Reason.LIMIT_COUNT: LIMIT,
    Reason.LIMIT_AMOUNT: {**LIMIT, "used_count": 1},
    Reason.RECIPIENT_LIMIT: LIMIT,
    Reason.FROZEN: {"frozen_at": AT, "frozen_by": "person:1"},
    Reason.NOT_YET: {"due_at": AT},
    Reason.NEEDS_DOCUMENTS: {"limit_minor": 250_000_000},
    Reason.POLICY: {"policy": "daily_limit", "numbers": LIMIT},
    Reason.RATE_UNAVAILABLE: {"asset": "BTC", "why": "apart"},
    Reason.EXPIRED: {"expired_at": AT},
    Reason.WRONG_STATE: {"what": "intent", "state": "confirmed"},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(language: str, reason: Reason) -> None:
    words = words_for(language)
    bare, full = reason_text(words, reason, {}), reason_text(words, reason, FACTS.get(reason, {}))
    for text in (bare, full):
        assert len(text) > 10 and "{" not in text and "None" not in text and "<b>" not in text
    if language != "en":
        assert bare != reason_text(words_for("en"), reason, {})


def test_reasons_have_words_of_their_own() -> None:
    # The last two never reach a person: they are between the worker and itself.
    shared = {Reason.LIMIT_AMOUNT, Reason.NODE_UNCLEAR, Reason.HOT_WALLET_SHORT}
    texts = [reason_text(words_for("en"), reason, {}) for reason in Reason if reason not in shared]
    assert len(set(texts)) == len(texts)


def test_a_wrong_address_is_answered_with_what_a_right_one_looks_like() -> None:
    words = words_for("en")
    known = {"asset": "BTC", "network": "regtest", "address_of": None}
    text = reason_text(words, Reason.BAD_ADDRESS, known)
    assert "not an address of BTC on Bitcoin, test network (regtest)" in text and "<code>bcrt1</code>" in text
    text = reason_text(words, Reason.BAD_ADDRESS, FACTS[Reason.BAD_ADDRESS])
    assert "an address of BTC, not of LTC on Litecoin." in text and "<code>3</code>" in text
    assert "0x" in reason_text(words, Reason.BAD_ADDRESS, {"asset": "ETH", "network": "1"})


def test_buying_that_is_not_open_yet_is_told_apart_from_withdrawing() -> None:
    words, facts = words_for("en"), {"asset": "LTC", "assets": ("ETH",), "operation": "purchase"}
    paid = reason_text(words, Reason.RAIL_OFF, {**facts, "pays_out": True})
    assert paid == "Buying with LTC is not open yet; withdrawing in LTC is. You can use: ETH."
    unpaid = reason_text(words, Reason.RAIL_OFF, {**facts, "pays_out": False})
    assert unpaid == "Buying with LTC is not open yet. You can use: ETH."
    payout = reason_text(words, Reason.RAIL_OFF, {**facts, "operation": "payout"})
    assert payout == "Withdrawing in LTC is not open yet. You can use: ETH."
    assert "paused" in reason_text(words, Reason.RAIL_OFF, {"asset": "BTC", "rail": "paused", "alarm": None})


def test_a_limit_names_numbers_time_and_the_next_level() -> None:
    text = reason_text(words_for("en"), Reason.LIMIT_COUNT, LIMIT)
    assert "payouts today 3 of 3 at level 1, next at 00:00 UTC" in text
    assert "Level 2 has 10 a day and 2500 ITD" in text
    highest = {**LIMIT, "level": 3, "next_level_count": None, "next_level_minor": None}
    assert "Level 4" not in reason_text(words_for("en"), Reason.LIMIT_COUNT, highest)


def test_an_amount_limit_says_what_is_left() -> None:
    text = reason_text(words_for("en"), Reason.LIMIT_AMOUNT, FACTS[Reason.LIMIT_AMOUNT])
    assert "30 ITD of 250 ITD" in text and "leaves 220 ITD" in text


def test_somebody_elses_limit_is_not_revealed() -> None:
    text = reason_text(words_for("en"), Reason.RECIPIENT_LIMIT, LIMIT)
    assert not any(character.isdigit() for character in text)


def test_the_service_s_freeze_is_not_for_oneself_to_end() -> None:
    words = words_for("en")
    assert "/unfreeze" in reason_text(words, Reason.FROZEN, {"frozen_by": "person:1"})
    assert "/unfreeze" not in reason_text(words, Reason.FROZEN, {"frozen_by": "operator"})


def test_who_withdraws_with_a_frozen_wallet_reads_until_when_why_and_what_to_do() -> None:
    words, by_admin = words_for("en"), {"frozen_at": AT, "frozen_by": "person:9"}
    told = policy_sentence(words, "frozen_person", {**by_admin, "why": "call <us>", "frees_at": AT})
    assert told == reason_text(words, Reason.FROZEN, {**by_admin, "why": "call <us>", "until": AT})
    assert "Why: call &lt;us&gt;" in told and "ends by itself at 00:00 UTC" in told and "ask the people" in told
    own = {"frozen_at": AT, "frozen_by": "person:1", "why": None}
    assert "/unfreeze" in policy_sentence(words, "frozen_person", {**own, "frees_at": None})
    assert "until 00:00 UTC" in policy_sentence(words, "frozen_person", {**own, "frees_at": AT})
    # What was kept before these were among the numbers promises nothing.
    assert policy_sentence(words, "frozen_person", by_admin) == "Your wallet is frozen, so nothing leaves it."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("policy", [policy.name for policy in POLICIES])
def test_every_policy_has_words(language: str, policy: str) -> None:
    words = words_for(language)
    numbers = {**LIMIT, "frees_at": AT, "review_above_minor": 5, "amount_minor": 6, "rail": "closed", "frozen_by": None}
    unnamed = policy_sentence(words, "no_such_policy", {})
    for text in (policy_sentence(words, policy, {}), policy_sentence(words, policy, numbers)):
        assert len(text) > 10 and "{" not in text and text != unnamed.replace("no_such_policy", policy)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_rate_people_are_told_why_and_that_their_money_is_safe(language: str) -> None:
    words = words_for(language)
    texts = [reason_text(words, Reason.RATE_UNAVAILABLE, {"asset": "BTC", "why": why}) for why in NoRate]
    bare = reason_text(words, Reason.RATE_UNAVAILABLE, {})
    assert all("BTC" in text and text.endswith(bare) and len(text) > len(bare) for text in texts)
    assert len(set(texts)) == len(NoRate)


def test_disagreeing_tickers_are_told_in_plain_words() -> None:
    text = reason_text(words_for("en"), Reason.RATE_UNAVAILABLE, {"asset": "BTC", "why": "apart"})
    assert text == (
        "The sources for the price of BTC disagree with one another. There is no rate now that can be relied on, so "
        "nothing can be bought or paid out. Please try again in a few minutes. Nothing was changed; your money is "
        "where it was."
    )
