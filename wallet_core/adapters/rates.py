"""``ports.Rates`` over HTTP: what a majority of the configured tickers agrees upon, fresh and without sudden jumps.

The last accepted rate is kept in memory, each process its own: after a start the first agreement is taken as it is.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Final

import httpx
import structlog

from wallet_core.domain.agreement import Agreement, Answer, Jumps, NoRate, agree, no_rate
from wallet_core.domain.errors import Refused
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.quote import FIXED, Heard, Rate
from wallet_core.domain.ticker import Ticker
from wallet_core.rate_settings import RateSettings

log = structlog.get_logger(__name__)

#: For the whole answer: a ticker that sends a byte now and then holds nobody up.
_TIMEOUT_SECONDS: Final = 3.0
_LARGEST_ANSWER_BYTES: Final = 65_536
#: A packed answer is none: a few kilobytes of it may be any number of megabytes.
_UNPACKED: Final = {"Accept-Encoding": "identity"}
#: Tickers are asked again after this time; people who quote at the same moment share one answer.
_SHARED_SECONDS: Final = 1.0


class HttpRates:
    """Asks every ticker at once. A dollar needs none: its price is a setting."""

    def __init__(
        self, settings: RateSettings, client: httpx.AsyncClient, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._tickers = settings.tickers
        self._max_age = timedelta(seconds=settings.rate_max_age_seconds)
        self._client = client
        self._clock = clock
        self._jumps: dict[Asset, Jumps] = defaultdict(self._no_past)
        self._asking: dict[Asset, asyncio.Lock] = defaultdict(asyncio.Lock)
        #: The last outcome for each coin, and when it was told.
        self._latest: dict[Asset, tuple[Rate | Refused, float]] = {}

    async def rate(self, asset: Asset) -> Rate:
        """See ``ports.Rates.rate``."""
        if asset is Asset.USD:
            return Rate(asset, self._itd_minor(Decimal(1)), FIXED, datetime.now(UTC))
        began = self._clock()
        async with self._asking[asset]:
            outcome, told_at = self._latest.get(asset, (None, 0.0))
            # A refusal is shared as well, with those who waited for it.
            if outcome is None or began > told_at + (_SHARED_SECONDS if isinstance(outcome, Rate) else 0):
                outcome = await self._ask(asset)
                self._latest[asset] = outcome, self._clock()
        if isinstance(outcome, Refused):
            raise Refused(outcome.reason, **outcome.facts)
        return outcome

    def _no_past(self) -> Jumps:
        return Jumps(self._settings.rate_max_jump_basis_points, self._settings.rate_jump_seconds)

    async def _ask(self, asset: Asset) -> Rate | Refused:
        answers = await asyncio.gather(*(self._answer(ticker, asset) for ticker in self._tickers))
        found = [answer for answer in answers if answer is not None]
        heard = tuple(
            Heard(answer.source, answer.itd_minor, answer.at) if answer else Heard(ticker.host)
            for ticker, answer in zip(self._tickers, answers, strict=True)
        )
        try:
            return replace(self._accepted(asset, self._agreement(asset, found)), heard=heard)
        except Refused as refused:
            refused.facts["heard"] = heard
            prices = [(answer.source, answer.itd_minor) for answer in found]
            log.warning("no_rate", asset=asset, why=refused.facts["why"], prices_minor=prices)
            return refused

    def _agreement(self, asset: Asset, found: list[Answer]) -> Agreement:
        return agree(asset, found, len(self._tickers), self._settings.rate_max_disagreement_basis_points)

    def _accepted(self, asset: Asset, found: Agreement) -> Rate:
        rate = Rate(asset, found.itd_minor, found.source, found.at, self._settings.rate_spread_basis_points)
        # Worth less than the smallest amount there is: nothing could be divided by it.
        if rate.purchase_minor == 0:
            raise no_rate(asset, NoRate.MISSING)
        if not self._jumps[asset].allow(found, self._clock()):
            raise no_rate(asset, NoRate.JUMPED)
        return rate

    async def _answer(self, ticker: Ticker, asset: Asset) -> Answer | None:
        asked_at = datetime.now(UTC)
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                price = ticker.read(await self._body(ticker.url(asset)), asked_at, self._max_age)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            log.warning("ticker_failed", ticker=ticker.address, asset=asset, error=str(error) or type(error).__name__)
            return None
        return Answer(ticker.host, self._itd_minor(price.usd), price.at)

    async def _body(self, url: str) -> bytes:
        body = b""
        async with self._client.stream("GET", url, headers=_UNPACKED, timeout=_TIMEOUT_SECONDS) as response:
            response.raise_for_status()
            async for part in response.aiter_raw():
                body += part
                if len(body) > _LARGEST_ANSWER_BYTES:
                    raise ValueError("the answer is too long")
        return body

    def _itd_minor(self, price_usd: Decimal) -> int:
        """A price in USD in ITD minor units, rounded down."""
        with localcontext(prec=60):
            minor = price_usd / self._settings.itd_price_usd * one_coin_minor(Asset.ITD)
            return int(minor.to_integral_value(ROUND_FLOOR))
