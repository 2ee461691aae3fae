"""What admins and people read of what the other side did, in every language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.actions import Action
from bot.views import security
from bot.views.card import Card
from bot.views.findings import finding_sentence
from bot.views.policies import policy_sentence
from bot.views.receipts import receipt
from bot.views.reviews import trace_lines
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.freezing import Beneath
from wallet_core.domain.kyc_application import KycApplication, KycState
from wallet_core.domain.kyc_document import Part
from wallet_core.domain.kyc_messages import review_message

WITHDRAWAL: dict[str, Any] = {
    "id": "w1", "asset": "ETH", "address": "0xAddress", "amount_minor": 50_000_000, "coin_minor": 2 * 10**16,
    "person": 7, "policy": "amount_threshold", "numbers": {},
}  # fmt: skip
AT = datetime(2026, 11, 23, tzinfo=UTC)


def told(language: str, template: str, **facts: Any) -> Card:
    message = OutboxMessage(id="m#0", person=1, template=template, facts=facts, thread="t", at=AT, order=0)
    return receipt(words_for(language), message)


def actions(card: Card) -> list[Action | None]:
    return [button.action for row in card.rows for button in row]


def reviewed(language: str, **facts: Any) -> Card:
    return told(language, "review_waiting", **WITHDRAWAL, **facts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_review_card_has_buttons_while_it_waits_and_then_who_decided_what(language: str) -> None:
    by = {"decided_by": 9, "decided_by_name": "Fin"}
    waits, queued, refused, why, cancelled = (
        reviewed(language, state=state, **facts)
        for state, facts in (
            ("review", {}), ("queued", by), ("refused", by), ("refused", {**by, "why": "<not> hers"}),
            ("cancelled", by),
        )
    )  # fmt: skip
    assert actions(waits) == [Action.REVIEW_APPROVE, Action.REVIEW_REFUSE]
    # A message of before it was told what became of it.
    assert reviewed(language) == waits
    for card in (queued, refused, why, cancelled):
        assert actions(card) == [Action.DESK, Action.HOME] and "0xAddress" in card.text and card.text != waits.text
    assert all("Fin" in card.text for card in (queued, refused, why)) and "&lt;not&gt; hers" in why.text
    assert len({card.text for card in (queued, refused, why, cancelled)}) == 4


#: Findings that speak to the person, with what each needs; the words by which English does that.
TO_THE_PERSON: dict[str, dict[str, Any]] = {
    "account_age": {"frees_at": AT, "review_above_minor": 5},
    "new_address": {"frees_at": AT},
    "two_factor_age": {"frees_at": AT},
    "look_alike_address": {"similar_address": "0xKnown", "address": "0xOther"},
    "duplicate_request": {"earlier_at": AT, "frees_at": AT},
    "paused_chain": {},
}
YOU = re.compile(r"\b(you|your|yours|cancel it if)\b", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("policy", TO_THE_PERSON)
def test_a_finding_on_an_admins_card_is_said_of_the_person(language: str, policy: str) -> None:
    words, numbers = words_for(language), TO_THE_PERSON[policy]
    admins, persons = finding_sentence(words, policy, numbers), policy_sentence(words, policy, numbers)
    assert admins != persons and "{" not in admins
    if language == "en":
        assert YOU.search(persons) and not YOU.search(admins)


def test_a_finding_without_its_numbers_is_said_without_them() -> None:
    words = words_for("en")
    for policy in ("new_address", "amount_threshold"):
        assert finding_sentence(words, policy, {}) == policy_sentence(words, policy, {})


def test_the_trace_of_a_review_says_who_can_cancel() -> None:
    found = {"policy": "new_address", "version": 1, "verdict": "approve", "numbers": {"frees_at": AT}, "not_before": AT}
    decision = {"verdict": "review", "trace": [found], "not_before": AT}
    text = "\n".join(trace_lines(words_for("en"), decision))
    assert "until then the person can cancel it." in text and "you can" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reviewers_card_names_who_decided_and_only_where_somebody_did(language: str) -> None:
    def card(state: KycState, **fields: Any) -> Card:
        made = KycApplication(id="1:1", person=7, level=2, state=state, key=b"k", expires_at=AT, **fields)
        message = review_message(made, 9, "Ana", "Rita")
        return told(language, message.template, **message.facts)

    for state in (KycState.APPROVED, KycState.REFUSED):
        shown = card(state, decided_by=3)
        assert "Rita" in shown.text and not actions(shown)
    again = card(KycState.OPEN, decided_by=3, again=Part.SELFIE, reason="too <dark>")
    assert "Rita" in again.text and "too &lt;dark&gt;" in again.text and not actions(again)
    # Who asked for one part again decided nothing of what came of it.
    assert all("Rita" not in card(state, decided_by=3).text for state in (KycState.CANCELLED, KycState.EXPIRED))
    waits = card(KycState.REVIEW, decided_by=3)
    assert "Rita" not in waits.text and actions(waits) == [Action.KYC_REVIEW] and waits.anew


@pytest.mark.parametrize("language", LANGUAGES)
def test_person_and_admin_read_what_keeps_a_wallet_frozen_after_an_admins_freeze(language: str) -> None:
    pages = [told(language, "thawed", **facts) for facts in ({}, {"stays": "own"}, {"stays": "reset"})]
    assert len({page.text for page in pages}) == 3
    assert [actions(page) for page in pages] == [[Action.FREEZE_NOW], [Action.UNFREEZE], []]
    assert len({security.user_unfrozen(words_for(language), stays).text for stays in (None, *Beneath)}) == 3
