"""The part of the settings that is about rates; see ``wallet_core.settings``."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from wallet_core.domain.ticker import Ticker


class RateSettings(BaseSettings):
    """Where prices are from, and when they are believed. Basis points are hundredths of a percent."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    rates_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(
            "http://127.0.0.1:8090/ticker/a?symbol={symbol}",
            "http://127.0.0.1:8090/ticker/b/{coin}-USD#data.amount,data.timestamp",
        ),
        description="tickers, separated by blanks; {symbol} becomes ETHUSD, {coin} ETH; see 'Rates'",
    )
    rate_max_age_seconds: int = Field(default=60, ge=1, description="an older price is no price")
    rate_max_disagreement_basis_points: int = Field(
        default=200, ge=0, le=5_000, description="further from the median a ticker does not agree; a majority must"
    )
    rate_max_jump_basis_points: int = Field(
        default=1_000, ge=1, description="further from the last rate within an hour it is a jump, and no rate yet"
    )
    rate_jump_seconds: int = Field(
        default=120, ge=0, description="a jump that all tickers agree upon for so long is the rate"
    )
    rate_spread_basis_points: int = Field(
        default=0, ge=0, le=5_000, description="off the rate for who buys, and on top of it for who withdraws"
    )
    itd_price_usd: Decimal = Field(default=Decimal("1.00"), gt=0, description="USD for one ITD")

    @field_validator("rates_urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("rates_urls")
    @classmethod
    def _are_tickers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            Ticker.of(text)
        return value

    @property
    def tickers(self) -> tuple[Ticker, ...]:
        """The tickers as ``RATES_URLS`` describes them."""
        return tuple(Ticker.of(text) for text in self.rates_urls)

    @property
    def has_safe_tickers(self) -> bool:
        """Whether nobody alone makes the rate: no host is a majority, and nothing can be changed on the way."""
        secure = all(url.startswith("https:") for url in self.rates_urls)
        hosts = Counter(ticker.host for ticker in self.tickers)
        return secure and bool(hosts) and 2 * max(hosts.values()) <= hosts.total()
