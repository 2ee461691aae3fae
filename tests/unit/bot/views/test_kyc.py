"""Cards about applications for a level, at every state and in every language: whole, and with their buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.actions import Action
from bot.views import kyc, kyc_review
from bot.views.card import Card
from bot.views.receipts import receipt
from bot.views.words import LANGUAGES, Words, words_for
from wallet_core.domain.kyc_application import PARTS, KycApplication, KycReason, KycState
from wallet_core.domain.kyc_document import KycDocument, Media, Part
from wallet_core.domain.kyc_messages import kyc_facts, kyc_message, review_message
from wallet_core.use_cases.look_at_document import OpenedDocument
from wallet_core.use_cases.show_application import ApplicationView
from wallet_core.use_cases.show_applications import ApplicationsPage
from wallet_core.use_cases.show_kyc_case import KycCase

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
ANA, RITA = 1, 2
ENGLISH = words_for("en")


def document(part: Part, number: int = 0, media: Media = Media.PDF, **more: Any) -> KycDocument:
    return KycDocument(
        id=f"{part}{number}", part=part, media=media, size_bytes=5, digest="d", message_id=number, sent_at=NOON, **more
    )


def application(level: int = 2, **fields: Any) -> KycApplication:
    parts = PARTS[level]
    filled = {"documents": tuple(document(part, n) for n, part in enumerate(parts)), "done": parts}
    made = {"id": "1:1", "person": ANA, "level": level, "key": b"k", "expires_at": LATER, "handed_in_at": NOON}
    return KycApplication(**{**made, **filled, **fields})


def labels(card: Card) -> list[str]:
    return [button.label for row in card.rows for button in row]


def states() -> list[KycApplication]:
    opens = [application(level, documents=(), done=PARTS[level][:n]) for level in PARTS for n in range(3)]
    halves = [
        application(level, documents=(document(part),), done=tuple(p for p in PARTS[level] if p is not part))
        for level in PARTS
        for part in PARTS[level]
    ]
    again = [application(done=PARTS[2][:2], again=Part.SELFIE, reason=reason) for reason in (*KycReason, "see <me>")]
    ended = [application(state=state, reason="so", again_from=LATER, decided_by=RITA) for state in KycState]
    return [*opens, *halves, *again, *ended, application(3, state=KycState.REVIEW)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_card_for_the_person_and_for_reviewers(language: str) -> None:
    words = words_for(language)
    for one in states():
        for card in (receipt(words, kyc_message(one)), receipt(words, review_message(one, RITA, "<Ana>"))):
            assert 20 < len(card.text) < 4_096 and "{" not in card.text and "<me>" not in card.text
            assert card.thread in ("kyc:1:1", "kyc_review:1:1:2") and "<Ana>" not in card.text
            assert all(0 < len(label) <= 60 for label in labels(card))


@pytest.mark.parametrize("language", LANGUAGES)
def test_reviewers_cards_are_whole_in_every_language(language: str) -> None:
    words = words_for(language)
    for one in states():
        for reviewer, until in ((RITA, LATER), (7, LATER), (None, None)):
            held = one.model_copy(update={"reviewer": reviewer, "claimed_until": until})
            card = kyc_review.case(words, KycCase(held, "Ana", NOON, RITA, "Rudi"))
            assert "{" not in card.text and len(card.text) < 4_096
    page = kyc_review.queue(words, ApplicationsPage(1, NOON, [(application(), "Ana")], has_more=True))
    assert "Ana" in page.text and "1" in labels(page)
    for verb in (kyc_review.REFUSE, kyc_review.ASK_AGAIN):
        why = kyc_review.reasons(words, verb, "1:1", "selfie")
        assert len(labels(why)) == len(KycReason) + 1
        assert kyc_review.purpose(words, verb, "selfie", ":unreadable")
    assert kyc_review.purpose(words, kyc_review.APPROVE, "-", "-") != kyc_review.purpose(words, "claim", "-", "-")


def test_only_who_has_it_looks_and_only_who_looked_approves() -> None:
    def shown(**fields: Any) -> list[str]:
        one = application(state=KycState.REVIEW, **fields)
        return labels(kyc_review.case(ENGLISH, KycCase(one, "Ana", NOON, RITA, "Rudi")))

    every = tuple(document.id for document in application().current)
    mine = {"reviewer": RITA, "claimed_until": LATER}
    assert shown() == ["Take it", "Refresh", "Back", "Home"]
    assert shown(reviewer=7, claimed_until=LATER) == ["Refresh", "Back", "Home"]
    assert shown(reviewer=7, claimed_until=NOON)[0] == "Take it"
    assert "Approve" not in shown(**mine) and "Look: Identity document 1" in shown(**mine)
    assert "Approve" in shown(**mine, seen={str(RITA): every})


def test_a_document_is_protected_and_says_nothing_of_its_name() -> None:
    for media, is_picture in ((Media.JPEG, True), (Media.PDF, False), (Media.TEXT, False)):
        opened = OpenedDocument(
            application(), document(Part.FUNDS, 0, media, is_picture=is_picture), 1, b"<i>wages</i>"
        )
        card = kyc_review.document(ENGLISH, opened, LATER)
        assert card.protected and "12:00 UTC" in card.text
        if media is Media.TEXT:
            assert card.file is None and "&lt;i&gt;wages" in card.text
        else:
            assert card.file and card.file.is_picture is is_picture and card.file.name.startswith("document.")


def test_the_card_of_levels_leads_to_the_application() -> None:
    levels = Card("Your level is 1")

    def first(view: ApplicationView) -> tuple[str, str | None]:
        card = kyc.with_application(ENGLISH, levels, view)
        return card.rows[0][0].label, card.rows[0][0].action

    assert first(ApplicationView(1, 2, None)) == ("Apply for level 2", Action.KYC_APPLY)
    over = application(state=KycState.CANCELLED)
    assert first(ApplicationView(1, 2, over)) == ("Apply for level 2", Action.KYC_APPLY)
    assert first(ApplicationView(1, 2, application(done=()))) == ("Continue your application", Action.KYC_APPLY)
    assert first(ApplicationView(1, 2, application(state=KycState.REVIEW))) == ("Your application", Action.KYC_APPLY)
    assert kyc.with_application(ENGLISH, levels, ApplicationView(3, None, None)) == replace(levels)


def test_what_reviewers_write_cannot_turn_the_text_around() -> None:
    told = kyc.reason_text(Words("en"), "a\u202eb <b>c</b>")
    assert "\u202e" not in told and "&lt;b&gt;" in told
    assert "Refused. Why: " in kyc.state_line(ENGLISH, kyc_facts(application(state=KycState.REFUSED, reason="so so")))
