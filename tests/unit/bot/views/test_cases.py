"""What an admin sees of a case, and what a person reads of a payment that they look up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.actions import Action
from bot.views import cases, payments
from bot.views.card import Card
from bot.views.words import LANGUAGES, words_for
from tests.support.cases import invoice_of, payment_of
from wallet_core.domain.case import CHOICES, Case, CaseChoice, CaseKind, CaseState
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import PaymentState
from wallet_core.use_cases.case_row import CaseRow
from wallet_core.use_cases.cases import case_facts
from wallet_core.use_cases.find_payment import FoundPayment, Lookup
from wallet_core.use_cases.show_cases import CasesPage

AT = datetime(2026, 11, 23, tzinfo=UTC)
INVOICE = invoice_of(7, AT, credited_minor=2_000_000)
PAYMENT = payment_of(INVOICE, 1_500)
FACTS = {
    CaseKind.OWED: {"owed_minor": 4_000_000},
    CaseKind.DISPUTE: {"usd_minor": 1_250},
    CaseKind.ABOVE_LIMIT: {"held_minor": 4_000_000},
}


def case(**fields: Any) -> Case:
    return Case(
        **{
            "id": "c1",
            "kind": CaseKind.TOO_SMALL,
            "person": 7,
            "invoice": INVOICE.id,
            "asset": Asset.BTC,
            "coin_minor": 1_500,
            "payments": (PAYMENT.id,),
            "opened_at": AT,
            **fields,
        }
    )


def row(it: Case, **fields: Any) -> CaseRow:
    known = {"name": "<Eve>", "invoice": INVOICE, "payments": [PAYMENT], "worth_minor": 900_000, "refund_minor": 1_083}
    return CaseRow(case=it, decider="Root", **{**known, **fields})


def buttons(card: Card) -> dict[str, tuple[Action | None, str | None]]:
    return {button.label: (button.action, button.argument) for line in card.rows for button in line}


def test_an_admin_sees_whose_it_is_what_it_is_worth_what_happened_and_what_each_button_does() -> None:
    card = cases.case(words_for("en"), row(case(decisions=3)))
    for part in (
        "&lt;Eve&gt;",
        "id 7",
        "0.000015 BTC arrived for a purchase: too little to be credited",
        "Worth now, before the fee: <b>0.9 ITD</b>",
        f"Payment: 0.000015 BTC in <code>{PAYMENT.txid}</code>, block 5",
        "50 ITD ordered, 2 ITD credited",
        "It waits for a decision.",
        "0.00001083 BTC go there",
    ):
        assert part in card.text, part
    shown = buttons(card)
    assert shown["Credit at today's rate"] == (Action.CASE_DECIDE, "credit c1 3")
    assert shown["Send it back"] == (Action.CASE_DECIDE, "refund c1 3")
    assert card.text.count("•") == 4 and {"Ask for the rest", "Keep it"} <= shown.keys()


def test_what_cannot_be_done_now_has_no_button() -> None:
    card = cases.case(words_for("en"), row(case(), worth_minor=None, refund_minor=None))
    assert "There is no rate" in card.text
    assert [label for label, (action, _) in buttons(card).items() if action is Action.CASE_DECIDE] == ["Keep it"]
    card = cases.case(words_for("en"), row(case(state=CaseState.PAYING, choice=CaseChoice.REFUND, decided_by=9)))
    assert "It is on its way back." in card.text and "Decided by \u2068Root\u2069 (id 9)." in card.text
    assert not [1 for action, _ in buttons(card).values() if action is Action.CASE_DECIDE]


def test_a_payment_without_a_record_is_named_all_the_same() -> None:
    card = cases.case(words_for("en"), row(case(), payments=[], invoice=None))
    assert f"Payment: <code>{PAYMENT.id}</code>" in card.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CaseKind)
def test_every_kind_state_and_choice_has_words_in_every_language(language: str, kind: CaseKind) -> None:
    words, told = words_for(language), set[str]()
    for state in CaseState:
        for choice in (None, *CaseChoice):
            it = case(kind=kind, state=state, choice=choice, decided_by=9, until=AT, facts=FACTS.get(kind, {}))
            card, notice = cases.case(words, row(it)), cases.notice(words, case_facts(it))
            for text in (
                card.text,
                notice.text,
                cases.decided(words, it).text,
                cases.decided_before(words, row(it)).text,
            ):
                assert text and "{" not in text and "<Eve>" not in text
            told.add(cases.decided(words, it).text)
    assert len(told) >= 10
    for choice in CaseChoice:
        assert "c1" in cases.purpose(words, choice, "c1")
    assert len(CHOICES[kind]) >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_page_fits_into_a_message(language: str) -> None:
    page = CasesPage(2, AT, [row(case(state=CaseState.WAITING, until=AT), name="x" * 64)] * 4, has_more=True)
    card = cases.cases(words_for(language), page)
    assert len(card.text) < 4_096 and [b.argument for b in card.rows[0]] == ["c1"] * 4
    many = case(payments=tuple(PAYMENT.id for _ in range(40)))
    assert len(cases.case(words_for(language), row(many, payments=[PAYMENT] * 40)).text) < 4_096


def test_an_empty_list_says_so() -> None:
    assert "No case is open." in cases.cases(words_for("en"), CasesPage(1, AT, [], has_more=False)).text


# The person's own look


def found(state: PaymentState = PaymentState.PENDING, it: Case | None = None, **fields: Any) -> FoundPayment:
    known: dict[str, Any] = {"invoice": INVOICE, "confirmations": None, "needed": None}
    of_payment = {name: fields.pop(name) for name in ("credited_minor", "held_minor", "asset") if name in fields}
    payment = PAYMENT.model_copy(update={"state": state} | of_payment)
    return FoundPayment(payment, case=it, **(known | fields))


HELD = INVOICE.model_copy(update={"held_minor": 3_000_000})
STANDS: list[tuple[FoundPayment, str]] = [
    (found(confirmations=1, needed=6), "It was seen: 1 of 6 confirmations."),
    (found(confirmations=9, needed=1), "It was seen: 1 of 1 confirmation."),
    (found(), "It was seen and is not final yet."),
    (found(PaymentState.CREDITED, credited_minor=5_000_000), "It was credited: <b>5 ITD</b>."),
    (found(PaymentState.CREDITED), "It was credited with its purchase: <b>2 ITD</b> in all."),
    (found(PaymentState.CREDITED, held_minor=3_000_000, invoice=HELD), "3 ITD is above your daily limit"),
    (found(PaymentState.GONE), "It is not on its way any more"),
    (found(PaymentState.REVERSED), "taken back when its block left the chain"),
    (found(PaymentState.REVERSED, asset=Asset.USD), "the card company took it back"),
    (found(PaymentState.CASE, case()), "an admin decides what becomes of it"),
    (found(PaymentState.CASE), "An admin decides what becomes of it"),
    (found(PaymentState.CASE, case(state=CaseState.WAITING, choice=CaseChoice.ASK_REST)), "Pay the rest"),
    (found(PaymentState.CASE, case(state=CaseState.WAITING, choice=CaseChoice.REFUND)), "as soon as you give"),
    (found(PaymentState.CASE, case(state=CaseState.PAYING, choice=CaseChoice.REFUND)), "/withdrawals"),
    (found(PaymentState.CASE, case(state=CaseState.CLOSED, choice=CaseChoice.REFUND)), "It went back to you."),
    (found(PaymentState.CASE, case(state=CaseState.CLOSED, choice=CaseChoice.KEEP)), "It stays with this service."),
    (found(PaymentState.CASE, case(state=CaseState.CLOSED, choice=CaseChoice.CLOSE)), "is done with"),
]


@pytest.mark.parametrize(("each", "part"), STANDS)
def test_a_payment_says_where_it_stands(each: FoundPayment, part: str) -> None:
    card = payments.found(words_for("en"), Lookup(PAYMENT.txid, [each]))
    assert part in card.text and "</b>, seen 00:00 UTC, 23 Nov" in card.text and INVOICE.id in card.text
    asks = each.case and each.case.state is CaseState.WAITING and each.case.choice is CaseChoice.REFUND
    assert (buttons(card).get("Give an address") == (Action.REFUND, "c1")) == bool(asks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_words_in_every_language(language: str) -> None:
    words = words_for(language)
    answers = [Lookup("ab<c", [each]) for each, _ in STANDS] + [Lookup("ab<c", []), Lookup("ab<c", [], INVOICE)]
    texts = {payments.found(words, lookup).text for lookup in answers}
    assert len(texts) == len(answers)
    assert not [text for text in texts if "{" in text or "ab<c" in text]
    assert len(payments.found(words, Lookup("x", [each for each, _ in STANDS][:10])).text) < 4_096
    assert payments.question(words)


@pytest.mark.parametrize(("outcome", "part"), [("lost", "gave 12.50 USD back"), ("won", "left 12.50 USD with")])
def test_a_dispute_that_ended_says_how(outcome: str, part: str) -> None:
    it = case(kind=CaseKind.DISPUTE, state=CaseState.CLOSED, facts={"usd_minor": 1_250, "outcome": outcome})
    text = cases.notice(words_for("en"), case_facts(it)).text
    assert part in text.replace("$12.50", "12.50 USD") and "ended by itself" in text


def test_what_is_above_the_limit_may_be_sent_back_or_left_waiting() -> None:
    it = case(kind=CaseKind.ABOVE_LIMIT, coin_minor=0, payments=(), facts={"held_minor": 4_000_000})
    card = cases.case(words_for("en"), row(it, payments=[]))
    assert "4 ITD are held" in card.text and "stays the person's" in card.text and "Worth now" not in card.text
    assert {"Send it back", "Close"} <= buttons(card).keys() and "Keep it" not in buttons(card)


def test_a_person_reads_that_what_was_above_their_limit_goes_back() -> None:
    payment = PAYMENT.model_copy(update={"state": PaymentState.CREDITED, "credited_minor": 2_000_000})
    it = case(kind=CaseKind.ABOVE_LIMIT, state=CaseState.WAITING, choice=CaseChoice.REFUND, coin_minor=700)
    each = FoundPayment(payment, INVOICE, it, None, None)
    card = payments.found(words_for("en"), Lookup("x", [each]))
    assert "2 ITD of its purchase were credited; 0.000007 BTC were above your daily limit" in card.text
    assert buttons(card)["Give an address"] == (Action.REFUND, "c1")
