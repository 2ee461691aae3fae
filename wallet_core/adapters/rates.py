"""``ports.Rates`` over HTTP: the median of the configured tickers, none of them older than allowed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal, localcontext
from statistics import median_low
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import structlog

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.quote import Rate

log = structlog.get_logger(__name__)

_PRICE: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)
_TIMEOUT_SECONDS: Final = 3.0
#: Rates are asked for again after this time; people who quote at the same moment share one answer.
_SHARED_SECONDS: Final = 1.0


class HttpRates:
    """Asks each ticker for ``<coin>USD`` and takes the lower median of the answers."""

    def __init__(
        self, urls: Sequence[str], *, itd_price_usd: Decimal, max_age: timedelta, client: httpx.AsyncClient
    ) -> None:
        self._urls = urls
        self._itd_price_usd = itd_price_usd
        self._max_age = max_age
        self._client = client
        #: The last rate of each coin, and until when it is shared, by the monotonic clock.
        self._latest: dict[Asset, tuple[Rate, float]] = {}

    async def rate(self, asset: Asset) -> Rate:
        """See ``ports.Rates.rate``."""
        rate, shared_until = self._latest.get(asset, (None, 0.0))
        if rate is None or time.monotonic() > shared_until:
            rate = await self._ask(asset)
            self._latest[asset] = rate, time.monotonic() + _SHARED_SECONDS
        return rate

    async def _ask(self, asset: Asset) -> Rate:
        answers = await asyncio.gather(*(self._price(url, asset) for url in self._urls))
        prices = [price for price in answers if price is not None]
        # A majority must answer: one ticker that is left over could be the one that is wrong.
        if 2 * len(prices) <= len(self._urls):
            raise Refused(Reason.RATE_UNAVAILABLE, asset=asset)
        itd_minor = self._itd_minor(median_low(prices))
        if itd_minor == 0:
            raise Refused(Reason.RATE_UNAVAILABLE, asset=asset)
        return Rate(asset, itd_minor, self._source(), datetime.now(UTC))

    async def _price(self, url: str, asset: Asset) -> Decimal | None:
        try:
            answer = await self._client.get(url.format(symbol=f"{asset}USD"), timeout=_TIMEOUT_SECONDS)
            answer.raise_for_status()
            return price_of(answer.json(), datetime.now(UTC), self._max_age)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("ticker_failed", url=url, asset=asset, error=str(error))
            return None

    def _itd_minor(self, price_usd: Decimal) -> int:
        with localcontext(prec=60):
            minor = price_usd / self._itd_price_usd * one_coin_minor(Asset.ITD)
            return int(minor.to_integral_value(ROUND_FLOOR))

    def _source(self) -> str:
        return ", ".join(sorted({urlsplit(url).hostname or url for url in self._urls}))


def price_of(answer: Any, now: datetime, max_age: timedelta) -> Decimal:
    """The price in USD of a ticker's answer.

    Raises ``ValueError`` for one that is malformed, not positive or too old.
    """
    price = str(answer.get("price")) if isinstance(answer, Mapping) else ""
    if not _PRICE.fullmatch(price) or Decimal(price) <= 0:
        raise ValueError(f"not a price: {price[:40]!r}")
    told = answer.get("time")
    if told is not None and not _is_recent(datetime.fromisoformat(str(told)), now, max_age):
        raise ValueError(f"not of now: {told}")
    return Decimal(price)


def _is_recent(told: datetime, now: datetime, max_age: timedelta) -> bool:
    """A time without a zone is taken for nothing; one from the future is as wrong as an old one."""
    return told.tzinfo is not None and abs(now - told) <= max_age
