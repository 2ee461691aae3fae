"""What is confirmed: the rate with its source and its time, in every language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.views.confirmations import purchase
from bot.views.words import LANGUAGES, words_for
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.money import Asset
from wallet_core.domain.quote import FIXED
from wallet_core.use_cases.limits import Remaining
from wallet_core.use_cases.quote_purchase import PurchaseQuote

AT = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)


def card(language: str, asset: Asset, source: str, at: datetime | None = AT) -> str:
    intent = Intent(
        id="i",
        person=1,
        kind=IntentKind.PURCHASE,
        created_at=AT,
        expires_at=AT + timedelta(minutes=5),
        amount_minor=50_000_000,
        fee_minor=500_000,
        asset=asset,
        coin_minor=20_200_000,
        rate_minor=2_500_000_000,
        rate_source=source,
        rate_at=at,
    )
    return purchase(words_for(language), PurchaseQuote(intent, Remaining(4, 0)), Decimal(1)).text


def rate_line(language: str, asset: Asset, source: str, at: datetime | None = AT) -> str:
    (line,) = (line for line in card(language, asset, source, at).splitlines() if f"1 {asset}" in line)
    return line


def test_the_rate_is_shown_with_its_sources_and_its_time() -> None:
    line = rate_line("en", Asset.BTC, "one.example, two.example")
    assert line == "Rate: 1 BTC = 2500 ITD, from one.example, two.example, 09:41 UTC, 23 Nov"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_source_and_time(language: str) -> None:
    line = rate_line(language, Asset.BTC, "one.example")
    assert all(part in line for part in ("2500 ITD", "one.example", "09:41"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fixed_rate_is_not_said_to_be_of_a_source(language: str) -> None:
    line = rate_line(language, Asset.USD, FIXED)
    assert "2500 ITD" in line and "09:41" not in line
    if language == "en":
        assert line == "Rate: 1 USD = 2500 ITD, fixed"
