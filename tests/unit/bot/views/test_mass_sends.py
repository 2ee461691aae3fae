"""What an admin reads of a mass send: every figure, in every language, within what Telegram takes."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.actions import Action
from bot.views import approvals, mass_faults, mass_files, mass_sends
from bot.views.card import Card
from bot.views.mass_figures import grouped
from bot.views.words import LANGUAGES, plain_text, words_for
from wallet_core.domain.approval import Approval, ApprovalKind, ApprovalState, approval_message
from wallet_core.domain.csv_lines import Flaw
from wallet_core.domain.mass_file import MAX_FILE_BYTES, Fault, MassFile, read_file
from wallet_core.domain.mass_send import MOST_NAMED, MassSend, MassState, Remark, Remarked, Total, mass_facts
from wallet_core.domain.money import Asset
from wallet_core.use_cases.show_mass_send import MassView
from wallet_core.use_cases.show_mass_sends import MassPage

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
ITD, BTC = 10**6, 10**8
TELEGRAM_TEXT, TELEGRAM_CAPTION = 4_096, 1_024
_TAG = re.compile(r"<[^>]+>")
EN = words_for("en")


def send(**fields: Any) -> MassSend:
    made = {
        "id": "m1",
        "person": 11,
        "state": MassState.PREVIEW,
        "file_name": "salaries-november.csv",
        "file_digest": "f" * 64,
        "digest": "0123456789abcdef" * 4,
        "rows": 50_000,
        "person_rows": 49_000,
        "address_rows": 990,
        "totals": (
            Total(asset=Asset.ITD, rows=49_000, amount_minor=12_345_678 * ITD + 500_000, itd_minor=12_345_678_500_000),
            Total(asset=Asset.BTC, rows=990, amount_minor=3 * BTC // 2, itd_minor=90_000 * ITD, fee_minor=495 * ITD,
                  rate_minor=60_000 * ITD),
        ),
        "remarks": (
            Remarked(remark=Remark.DUPLICATE, count=2, lines=(7, 9), recipients=("@ben", "@ana")),
            Remarked(remark=Remark.UNKNOWN_PERSON, count=12, lines=(4,), recipients=("@nobody",)),
        ),
        "total_minor": 12_436_173 * ITD,
        "fee_minor": 495 * ITD,
        "approval_above_minor": 1_000 * ITD,
        "estimated_seconds": 750,
        "created_at": AT,
        "expires_at": AT,
    }  # fmt: skip
    return MassSend(**(made | fields))


def buttons(card: Card) -> list[str]:
    return [button.label for row in card.rows for button in row]


def asked(state: ApprovalState = ApprovalState.ASKED, **fields: Any) -> dict[str, Any]:
    approval = Approval(
        id="a1", kind=ApprovalKind.MASS_SEND, subject="m1", digest="d", state=state, asked_by=11,
        amount_minor=2_000 * ITD, above_minor=1_000 * ITD, expires_at=AT, decided_by=12,
    )  # fmt: skip
    names = {"asked_by_name": "Fia <b>", "decided_by_name": "Otto"}
    return dict(approval_message(approval, 12, mass_send=mass_facts(send()), **names).facts | fields)


def test_the_preview_has_every_figure_and_names_who_is_not_paid() -> None:
    text = mass_sends.preview(EN, send()).text.replace("\u202f", " ")
    for part in (
        "salaries-november.csv",
        "Lines to pay: 49 990 of 50 000, to people 49 000, to addresses 990",
        "– <b>12 345 678.5 ITD</b> in 49 000 lines",
        "– <b>1.5 BTC</b> in 990 lines, for 90 000 ITD at 60 000 ITD each, fees 495 ITD",
        "In all: <b>12 436 173 ITD</b>, of it fees: 495 ITD",
        "Estimated time: 13 minutes",
        "Not paid, unknown here: <b>12</b> (line 4 @nobody, …)",
        "the same as an earlier line, and paid as well: <b>2</b> (line 7 @ben, 9 @ana)",
        "<code>0123 4567 89ab cdef</code>",
        "nothing is set aside yet. Above 1000 ITD within 24 hours another admin has to approve. The rates hold until "
        "09:30 UTC",
    ):
        assert part in text, part
    assert text.index("unknown here") < text.index("earlier line")


def test_what_the_second_admin_reads_is_what_the_first_one_read() -> None:
    first, second = mass_sends.preview(EN, send()), approvals.approval(EN, asked())
    figures = first.text.split("\n")[1 : first.text.split("\n").index("", 8)]
    assert len(figures) > 5 and all(line in second.text for line in figures)
    assert "0123 4567 89ab cdef" in second.text and "id 11" in second.text and "Fia &lt;b&gt;" in second.text
    assert buttons(second) == ["Lines as a file", "Approve", "Refuse"] and second.expires_at == AT
    assert (second.rows[0][0].action, second.rows[0][0].argument) == (Action.MASS_LINES, "m1")
    assert "First you have to open the lines as a file" in second.text


@pytest.mark.parametrize("state", [one for one in ApprovalState if one is not ApprovalState.ASKED])
def test_a_decided_question_has_no_buttons_to_decide_it_again(state: ApprovalState) -> None:
    card = approvals.approval(EN, asked(state))
    assert not {"Lines as a file", "Approve", "Refuse"} & set(buttons(card)) and card.expires_at is None


def test_who_needs_nobody_starts_and_who_does_asks() -> None:
    assert buttons(mass_sends.preview(EN, send())) == ["Ask for approval", "Cancel", "Lines as a file"]
    small = send(total_minor=1_000 * ITD)
    assert buttons(mass_sends.preview(EN, small)) == ["Start", "Cancel", "Lines as a file"]
    assert "approve" not in mass_sends.preview(EN, small).text


STEERED = {
    MassState.PREVIEW: {"Cancel"},
    MassState.APPROVAL: {"Cancel"},
    MassState.RUNNING: {"Stop"},
    MassState.STOPPED: {"Resume", "Give up the rest"},
}


@pytest.mark.parametrize("state", MassState)
def test_whoever_may_not_steer_has_no_button_that_does(state: MassState) -> None:
    steers = {"Start", "Ask for approval", "Cancel", "Stop", "Resume", "Give up the rest"}
    theirs = MassView(send(state=state), None, is_payer=False, may_steer=False)
    assert not steers & set(buttons(mass_sends.shown(EN, theirs)))
    owners = MassView(send(state=state), None, is_payer=False, may_steer=True)
    assert steers & set(buttons(mass_sends.shown(EN, owners))) == STEERED.get(state, set())
    assert mass_sends.shown(EN, theirs).thread is None


def test_another_admin_finds_the_question_at_the_mass_send_too() -> None:
    approval = Approval(
        id="a1", kind=ApprovalKind.MASS_SEND, subject="m1", digest="d", asked_by=11, amount_minor=1, above_minor=0,
        expires_at=AT,
    )  # fmt: skip
    waits = send(state=MassState.APPROVAL, approval="a1")
    assert "Lines as a file" in buttons(mass_sends.shown(EN, MassView(waits, approval, False, False)))
    assert "Approve" in buttons(mass_sends.shown(EN, MassView(waits, approval, is_payer=False, may_steer=False)))
    assert "Approve" not in buttons(mass_sends.shown(EN, MassView(waits, approval, is_payer=True, may_steer=True)))


@pytest.mark.parametrize(
    ("done", "full", "per_cent"),
    [(0, 0, 0), (2_499, 0, 4), (25_000, 10, 50), (49_999, 19, 99), (50_000, 20, 100)],
)
def test_the_bar_is_full_only_when_all_is_done(done: int, full: int, per_cent: int) -> None:
    text = mass_sends.card(EN, mass_facts(send(state=MassState.RUNNING, paid=done))).text
    assert f"<code>{'█' * full}{'░' * (20 - full)}</code> {per_cent} %" in text
    assert f"remaining {grouped(50_000 - done)}" in text


def test_a_stop_says_who_or_why_and_where_the_money_is() -> None:
    by_person = mass_sends.card(EN, mass_facts(send(state=MassState.STOPPED, stopped_by="person:12"))).text
    assert "Stopped by the admin id 12" in by_person and "set aside and safe" in by_person
    by_worker = mass_sends.card(EN, mass_facts(send(state=MassState.STOPPED, stopped_by="insufficient_funds"))).text
    assert "The worker stopped it (insufficient funds)" in by_worker


def test_lines_that_wait_for_a_rail_are_told_with_where_their_money_is() -> None:
    waits = mass_sends.card(EN, mass_facts(send(state=MassState.RUNNING, waits_for=(Asset.BTC, Asset.LTC))))
    assert (
        "the lines in BTC, LTC wait" in waits.text and "set aside and safe" in waits.text and "Stop" in buttons(waits)
    )
    assert "wait" not in mass_sends.card(EN, mass_facts(send(state=MassState.RUNNING))).text


def test_the_end_says_whether_all_were_paid() -> None:
    done = {"state": MassState.DONE, "ended_at": AT}
    assert "Every line was paid, once" in mass_sends.card(EN, mass_facts(send(**done, paid=50_000))).text
    some = mass_sends.card(EN, mass_facts(send(**done, paid=49_999, refused=1))).text
    assert "What was not paid is back on the balance" in some and "Every line" not in some


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", MassState)
def test_every_card_has_words_and_fits_a_message(language: str, state: MassState) -> None:
    words = words_for(language)
    every = tuple(
        Remarked(remark=one, count=50_000, lines=(40_000,) * MOST_NAMED, recipients=("b" * 90,) * MOST_NAMED)
        for one in Remark
    )
    found = send(state=state, remarks=every, file_name="n" * 200, stopped_by="person:1", ended_at=AT, queued=9)
    texts = [
        mass_sends.shown(words, MassView(found, None, is_payer=True, may_steer=True)).text,
        mass_sends.listed(words, MassPage(1, [found] * 5, True)).text,
        approvals.approval(words, asked(mass_send=mass_facts(found))).text,
        mass_sends.before(words, found),
        mass_sends.give_up(words, "m1").text,
        mass_files.how(words).text,
    ]
    for text in texts:
        assert len(text) <= TELEGRAM_TEXT and "{" not in text and "None" not in text
        assert plain_text(text) == _TAG.sub("", text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    files = (mass_sends.result(words, found, b""), mass_sends.lines_file(words, found, b""), mass_files.example(words))
    for captioned in files:
        assert len(captioned.text) <= TELEGRAM_CAPTION and captioned.file


FAULTS: dict[Flaw, dict[str, Any]] = {
    Flaw.BAD_HEADER: {"columns": ("recipient",), "found": "<a>", "lone_cr": False},
    Flaw.TOO_MANY_ROWS: {"limit": 50_000},
    Flaw.NOT_UTF8: {"byte": 3},
    Flaw.LINE_TOO_LONG: {"limit": 9},
    Flaw.STRAY_QUOTE: {"column": 2},
    Flaw.TOO_MANY_COLUMNS: {"found": 5, "wanted": 4},
    Flaw.TOO_FEW_COLUMNS: {"found": 3, "wanted": 4},
    Flaw.CELL_TOO_LONG: {"column": "note", "length": 300, "limit": 200},
    Flaw.CONTROL_CHARACTER: {"column": "note", "character": "U+0000"},
    Flaw.FORMULA: {"column": "note", "cell": "=<a>"},
    Flaw.BAD_RECIPIENT: {"cell": "<a>"},
    Flaw.UNKNOWN_ASSET: {"cell": "", "assets": ("ITD", "BTC")},
    Flaw.BAD_AMOUNT: {"cell": "", "asset": "ITD", "decimals": 6},
    Flaw.PERSON_GETS_ITD: {"cell": "@ben", "asset": "BTC"},
    Flaw.ADDRESS_GETS_COINS: {"cell": "bc1"},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_has_a_sentence_of_its_own(language: str, flaw: Flaw) -> None:
    text = mass_faults.sentence(words_for(language), Fault(3, flaw, FAULTS.get(flaw, {})))
    assert len(text) > 8 and "{" not in text and "<a>" not in text
    others = {mass_faults.sentence(EN, Fault(3, one, FAULTS.get(one, {}))) for one in Flaw if one is not flaw}
    assert mass_faults.sentence(EN, Fault(3, flaw, FAULTS.get(flaw, {}))) not in others


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_saved_the_file_on_an_old_mac_is_told_so(language: str) -> None:
    facts = {**FAULTS[Flaw.BAD_HEADER], "lone_cr": True}
    text = mass_faults.sentence(words_for(language), Fault(1, Flaw.BAD_HEADER, facts))
    assert "CRLF" in text and "UTF-8" in text and "recipient" not in text


def test_the_file_of_the_lines_says_that_nothing_is_paid_yet() -> None:
    looked = mass_sends.lines_file(EN, send(), b"line")
    assert looked.file is not None and looked.file.name == "salaries-november-not-paid-yet.csv"
    assert "Nothing has been paid yet" in looked.text and "0123 4567 89ab cdef" in looked.text


def test_many_faults_come_as_a_table_that_is_no_formula_either() -> None:
    text = "recipient,asset,amount,note\n" + "@ben,ITD,=1,\n" * 30
    read = read_file(io.BytesIO(text.encode()))
    card, table = mass_faults.faults(EN, "pay.csv", read), mass_faults.fault_file(EN, "pay.csv", read)
    assert "30 lines cannot be read" in card.text and "And 20 more" in card.text and len(card.text) < TELEGRAM_TEXT
    assert table is not None and table.file is not None and table.file.name == "pay-faults.csv"
    rows = list(csv.reader(io.StringIO(table.file.content.decode())))
    assert len(rows) == 31 and rows[1][0] == "2" and "formula" in rows[1][1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    few = MassFile((), read.faults[:3], 3)
    assert mass_faults.fault_file(EN, "pay.csv", few) is None


def test_the_form_pays_nobody_as_it_is() -> None:
    form = mass_files.example(EN).file
    assert form is not None
    read = read_file(io.BytesIO(form.content))
    assert not read.rows and {fault.flaw for fault in read.faults} == {Flaw.BAD_RECIPIENT}
    filled = (
        form.content.replace(b"[@name]", b"@ben").replace(b"[number]", b"7").replace(b"[address]", b"bc1q" + b"w" * 38)
    )
    assert len(read_file(io.BytesIO(filled)).rows) == 3


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0", "0"),
        ("1000", "1000"),
        ("12500", "12 500"),
        ("1250000.123456", "1 250 000.123456"),
        ("0.00001234", "0.00001234"),
    ],
)
def test_thousands_are_parted_and_decimals_are_not(number: str, shown: str) -> None:
    assert grouped(number).replace("\u202f", " ") == shown


def test_giving_up_is_asked_before_it_is_done() -> None:
    stopped = mass_sends.card(EN, mass_facts(send(state=MassState.STOPPED, stopped_by="person:1")))
    by_label = {button.label: button.action for row in stopped.rows for button in row}
    assert by_label["Give up the rest"] is Action.MASS_GIVE_UP
    asked_first = mass_sends.give_up(EN, "m1")
    assert asked_first.rows[0][0].action is Action.MASS_CANCEL and "cannot be undone" in asked_first.text


def test_a_file_that_is_too_large_is_told_the_limit() -> None:
    assert f"{MAX_FILE_BYTES // 1_000_000} MB" in mass_faults.too_large(EN).text
