"""Exact amounts, times with their zone, and nothing that people typed as markup."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from bot.views.words import LANGUAGES, known_language, plain_text, unusual, visible, words_for
from wallet_core.domain.money import Asset

EN, AR = words_for("en"), words_for("ar")


@pytest.mark.parametrize(
    ("minor", "asset", "shown"),
    [
        (1, Asset.ITD, "0.000001 ITD"),
        (12_500_000, Asset.ITD, "12.5 ITD"),
        (1, Asset.ETH, "0.000000000000000001 ETH"),
        (10**33, Asset.ETH, "1000000000000000 ETH"),
        (1_234, Asset.BTC, "0.00001234 BTC"),
        (199, Asset.USD, "1.99 USD"),
        (0, Asset.ITD, "0 ITD"),
    ],
)
def test_amounts_are_exact(minor: int, asset: Asset, shown: str) -> None:
    assert EN.amount(minor, asset) == shown
    assert shown in AR.amount(minor, asset)


def test_dollars_are_rounded_down() -> None:
    assert EN.usd(1_999_999, Decimal("1.00")) == "1.99 USD"


def test_a_time_has_its_zone_and_day_in_every_language() -> None:
    at = datetime(2026, 11, 23, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert EN.moment(at) == "23:30 UTC, 22 Nov"
    for language in LANGUAGES:
        assert "23:30" in words_for(language).moment(at) and "UTC" in words_for(language).moment(at)


def test_what_people_typed_is_escaped_and_markup_is_not() -> None:
    assert EN("To: {name}", name="<b>&") == "To: &lt;b&gt;&amp;"
    assert EN("To: {name}", name=EN.bold("<i>")) == "To: <b>&lt;i&gt;</b>"
    assert plain_text(EN("To: {name}", name=EN.bold("<i>"))) == "To: <i>"


def test_what_reads_from_the_left_is_isolated_in_arabic_and_not_inside_what_is_copied() -> None:
    assert AR.code("0xabc") == "\u2066<code>0xabc</code>\u2069"
    assert EN.code("0xabc") == "<code>0xabc</code>"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Ana", "Ana"), ("A\u202ena", "Ana"), ("A\nna", "Ana"), ("\u200b", "?"), ("x" * 99, "x" * 64), ("a  b", "a b")],
)
def test_names_are_shown_without_what_is_not_seen(name: str, shown: str) -> None:
    assert visible(name) == shown


@pytest.mark.parametrize("name", ["A\u202ena", "Anа", "Ρeter", "Ana\u200b"])
def test_names_that_imitate_are_marked(name: str) -> None:
    assert unusual(name)


@pytest.mark.parametrize("name", ["Ana", "José", "Ана", "محمد", "李雷", "Ana 👩‍💻", "O'Neill-Smith 2"])
def test_ordinary_names_are_not_marked(name: str) -> None:
    assert not unusual(name)


@pytest.mark.parametrize(
    ("told", "spoken"), [("de", "de"), ("de-AT", "de"), ("ar_EG", "ar"), ("fr", "en"), (None, "en"), ("", "en")]
)
def test_the_nearest_language_is_spoken(told: str | None, spoken: str) -> None:
    assert known_language(told) == spoken


def test_plurals_follow_the_language() -> None:
    one, many = "{count} recovery code is left.", "{count} recovery codes are left."
    assert EN.plural(one, many, 1) == "1 recovery code is left."
    assert EN.plural(one, many, 2) == "2 recovery codes are left."
    forms = {AR.plural(one, many, count).replace(str(count), "n") for count in (0, 1, 2, 3, 11)}
    assert len(forms) == 5
