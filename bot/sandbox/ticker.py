"""Two local price tickers that answer like public ones, each in its own way. Prices and failures are set by hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
DEFAULT_PRICES_USD = {"BTC": "60000.00", "ETH": "2500.00", "LTC": "80.00"}
PRICE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,8})?")
QUOTE = "USD"
SOURCES: Final = ("a", "b")
#: How the wallet asks both of them, as `RATES_URLS` after the server's address.
FORMS: Final = ("/ticker/a?symbol={symbol}", "/ticker/b/{coin}-USD#data.amount,data.timestamp")


class PriceError(ValueError):
    """The asset or the ticker is unknown, or what was set makes no sense."""


@dataclass
class _Source:
    """What sets a ticker apart: prices of its own, how old it says that they are, and whether it answers at all."""

    prices: dict[str, str] = field(default_factory=dict)
    age_seconds: int = 0
    is_off: bool = False


class PriceBoard:
    """Prices in USD for one coin, kept in memory. Both tickers show the same ones until one is told otherwise."""

    def __init__(self, prices: Mapping[str, str] = DEFAULT_PRICES_USD) -> None:
        self._prices = dict(prices)
        self._sources = {name: _Source() for name in SOURCES}

    def price(self, asset: str, source: str) -> str | None:
        """What a ticker says that one coin costs in USD; None for an unknown asset, and while it is off."""
        ticker = self._source(source)
        return None if ticker.is_off else ticker.prices.get(asset, self._prices.get(asset))

    def told_at(self, source: str) -> datetime:
        """Of when a ticker says that its prices are."""
        return datetime.now(UTC) - timedelta(seconds=self._source(source).age_seconds)

    async def prices(self) -> list[Json]:
        """All prices that both tickers have in common."""
        return [{"asset": asset, "price": price} for asset, price in self._prices.items()]

    async def sources(self) -> list[Json]:
        """Each ticker: the prices that it has of its own, its age in seconds, and whether it is off."""
        return [
            {"source": name, "prices": dict(one.prices), "age": one.age_seconds, "off": one.is_off}
            for name, one in self._sources.items()
        ]

    async def set_price(self, asset: str, price: str, source: str | None = None) -> Json:
        """Sets the price of one coin in USD, of one ticker alone or of both; raises PriceError."""
        if asset not in self._prices:
            raise PriceError(f"there is no price for {asset}; known are {', '.join(self._prices)}")
        if not PRICE.fullmatch(price) or Decimal(price) == 0:
            raise PriceError("a price is a positive decimal number such as 3000.00")
        whole, _, cents = price.partition(".")
        price = f"{whole}.{cents:0<2}"
        if source is not None:
            self._source(source).prices[asset] = price
            return {"asset": asset, "price": price, "source": source}
        self._prices[asset] = price
        for one in self._sources.values():
            one.prices.pop(asset, None)
        return {"asset": asset, "price": price}

    async def set_source(self, source: str, age: int | None = None, off: bool | None = None) -> Json:
        """Makes a ticker's prices old (negative: from the future), or the ticker silent; raises PriceError."""
        ticker = self._source(source)
        ticker.age_seconds = ticker.age_seconds if age is None else age
        ticker.is_off = ticker.is_off if off is None else off
        return next(one for one in await self.sources() if one["source"] == source)

    def _source(self, name: str) -> _Source:
        if name not in self._sources:
            raise PriceError(f"there is no ticker {name}; known are {', '.join(SOURCES)}")
        return self._sources[name]


def routes(board: PriceBoard) -> list[Route]:
    """`GET /ticker/a?symbol=ETHUSD` and `GET /ticker/b/ETH-USD`."""

    async def flat(request: Request) -> Response:
        symbol = request.query_params.get("symbol", "").upper()
        price = board.price(symbol.removesuffix(QUOTE), "a") if symbol.endswith(QUOTE) else None
        told = board.told_at("a").isoformat(timespec="seconds")
        return _answer(price, {"symbol": symbol, "price": price, "time": told})

    async def nested(request: Request) -> Response:
        asset = request.path_params["asset"].upper()
        price = board.price(asset, "b")
        told = int(board.told_at("b").timestamp())
        return _answer(price, {"data": {"base": asset, "currency": QUOTE, "amount": price, "timestamp": told}})

    return [
        Route("/ticker/a", flat, methods=["GET"]),
        Route("/ticker/b/{asset}-USD", nested, methods=["GET"]),
    ]


def _answer(price: str | None, body: Json) -> Response:
    """A ticker that is off answers like one that does not know the coin: neither is a price."""
    return JSONResponse({"error": "no price"}, status_code=404) if price is None else JSONResponse(body)
