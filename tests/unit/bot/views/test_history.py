"""History, record, statement and chart say everything in every language, within Telegram's limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.actions import Action
from bot.views import history, money
from bot.views.chart import balance_png, sparkline
from bot.views.history import Position
from bot.views.kinds import TELLERS
from bot.views.words import LANGUAGES, plain_text, words_for
from wallet_core.domain.history import Filter
from wallet_core.domain.money import Asset
from wallet_core.domain.statement import Statement
from wallet_core.use_cases.daily_balances import DayBalance
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.show_history import HistoryPage, HistoryRow
from wallet_core.use_cases.show_record import RecordDetail

AT = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
LARGEST_MINOR = 10**33
CAPTION_CHARACTERS = 1_024
for_each_language = pytest.mark.parametrize("language", LANGUAGES)


def row(kind: str, available: int = 0, held: int = 0, **facts: object) -> HistoryRow:
    return HistoryRow(f"{kind}:<1>", AT, kind, available, held, {"asset": "ETH", **facts})


def detail_of(shown: HistoryRow) -> RecordDetail:
    return RecordDetail(shown, 5, 6, 7, 99, "<Eve>", Asset.ETH, 10**16, ADDRESS, "0xTxid", "i1")


@for_each_language
@pytest.mark.parametrize("kind", TELLERS)
def test_every_kind_is_named_in_a_line_and_in_its_record(language: str, kind: str) -> None:
    words, shown = words_for(language), row(kind, 5_000_000, -1)
    page = history.history(words, HistoryPage([shown], Filter.ALL, None, None), Position())
    card = history.record(words, detail_of(shown), Position(), {Asset.ETH: "1"})
    for text in (page.text, card.text):
        assert "+5 ITD" in text and "{" not in text and "<Eve>" not in text
    for part in (
        ADDRESS,
        "0xTxid",
        "i1",
        "0.000007 ITD",
        "0.01 ETH",
        "0.000005 ITD",
        "&lt;1&gt;",
        "2026-11-22 12:05 UTC",
    ):
        assert part in card.text
    if language != "en":
        assert (
            page.text != history.history(words_for("en"), HistoryPage([shown], Filter.ALL, None, None), Position()).text
        )


def test_what_one_sent_the_other_received() -> None:
    words = words_for("en")
    mine = history.record(words, detail_of(row("sent", -5, sender=1, recipient=99)), Position(), {Asset.ETH: "1"}).text
    theirs = history.record(words, detail_of(row("sent", 5, sender=99, recipient=1)), Position(), {Asset.ETH: "1"}).text
    assert "sent" in mine and "To: " in mine and "received" in theirs and "From: " in theirs


@for_each_language
@pytest.mark.parametrize("shown", Filter)
def test_a_page_has_a_button_for_every_other_filter_and_says_which_it_shows(language: str, shown: Filter) -> None:
    card = history.history(words_for(language), HistoryPage([], shown, None, None), Position(shown))
    choices = [b.argument for r in card.rows for b in r if b.action is Action.HISTORY]
    assert choices == [str(Position(choice)) for choice in Filter if choice is not shown]
    headings = {
        history.history(words_for(language), HistoryPage([], each, None, None), Position(each)).text for each in Filter
    }
    assert len(headings) == len(Filter)


def test_a_page_leads_where_there_is_something_and_nowhere_else() -> None:
    def labels(newer: int | None, older: int | None) -> list[str]:
        card = history.history(words_for("en"), HistoryPage([], Filter.OUT, newer, older), Position())
        return [b.label for r in card.rows for b in r if b.label in {"Newest", "Newer", "Older", "Oldest"}]

    assert labels(None, None) == []
    assert labels(5, None) == ["Newest", "Newer"]
    assert labels(None, 0) == ["Older", "Oldest"]
    assert labels(5, 3) == ["Newest", "Newer", "Older", "Oldest"]


@pytest.mark.parametrize("shown", Filter)
@pytest.mark.parametrize("towards", Towards)
@pytest.mark.parametrize("place", [None, 0, 2**52])
def test_a_position_survives_its_button(shown: Filter, towards: Towards, place: int | None) -> None:
    position = Position(shown, towards, place)
    assert Position.of(str(position)) == position == Position.of(f"{position} send:1 2")


@pytest.mark.parametrize("argument", ["", "1", "2 3 4", "all older x", "all", "nothing older -"])
def test_a_button_of_another_version_shows_the_newest_page(argument: str) -> None:
    assert Position.of(argument) == Position()


@for_each_language
@pytest.mark.parametrize("count", [0, 1, 2, 5, 10_000])
def test_the_statements_caption_has_its_figures_and_fits(language: str, count: int) -> None:
    end = AT + timedelta(days=1)
    opening, closing = {"available": 1, "held": 1}, {"available": LARGEST_MINOR, "held": 0}
    made = Statement(1, AT, end, end, opening, (), closing)
    card = history.statement(words_for(language), made, b"csv")
    assert "0.000002 ITD" in card.text and "2026-11-23 12:05 UTC" in card.text
    assert len(plain_text(card.text)) <= CAPTION_CHARACTERS
    assert card.file is not None and (card.file.name, card.file.is_picture) == (
        "statement-2026-11-22-2026-11-23.csv",
        False,
    )
    assert (
        card.text != history.statement(words_for(language), Statement(1, AT, end, AT, opening, (), closing), b"").text
    )


# The chart


def days(*minors: int) -> list[DayBalance]:
    return [DayBalance(date(2026, 10, 24) + timedelta(days=n), minor) for n, minor in enumerate(minors)]


@for_each_language
def test_the_charts_caption_has_its_facts_and_fits(language: str) -> None:
    shown = days(*range(2, 30), 1, LARGEST_MINOR)
    card = money.balance_chart(words_for(language), shown, b"png")
    for part in ("0.000002 ITD", "0.000001 ITD", "2026-11-21", "2026-10-24", "2026-11-22"):
        assert part in card.text
    assert len(plain_text(card.text)) <= CAPTION_CHARACTERS


@pytest.mark.parametrize("minors", [(0,), (0, 0), (5,), (0, LARGEST_MINOR, 1), tuple(range(30))])
def test_a_picture_is_drawn_of_any_balances(minors: tuple[int, ...]) -> None:
    with Image.open(BytesIO(balance_png(days(*minors)))) as picture:
        assert picture.size == (960, 540)
        assert len(picture.getcolors(maxcolors=100_000) or ()) > 3


def test_a_line_of_blocks_goes_from_nothing_to_the_highest() -> None:
    assert sparkline([0, 5, 10]) == "▁▄█"
    assert sparkline([0, 0]) == "▁▁"
