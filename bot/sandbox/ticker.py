"""A local price ticker: it answers like a public one, and the prices are set by hand."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DEFAULT_PRICES_USD = {"BTC": "60000.00", "ETH": "2500.00", "LTC": "80.00"}
PRICE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,8})?")
QUOTE = "USD"


class PriceError(ValueError):
    """The asset is unknown or the price is no positive decimal number."""


class PriceBoard:
    """Prices in USD for one coin, kept in memory."""

    def __init__(self, prices: Mapping[str, str] = DEFAULT_PRICES_USD) -> None:
        self._prices = dict(prices)

    def price(self, asset: str) -> str | None:
        """The price of one coin in USD; None for an unknown asset."""
        return self._prices.get(asset)

    async def prices(self) -> list[dict[str, Any]]:
        """All prices."""
        return [{"asset": asset, "price": price} for asset, price in self._prices.items()]

    async def set_price(self, asset: str, price: str) -> dict[str, Any]:
        """Sets the price of one coin in USD; raises PriceError."""
        if asset not in self._prices:
            raise PriceError(f"there is no price for {asset}; known are {', '.join(self._prices)}")
        if not PRICE.fullmatch(price) or Decimal(price) == 0:
            raise PriceError("a price is a positive decimal number such as 3000.00")
        whole, _, cents = price.partition(".")
        self._prices[asset] = f"{whole}.{cents:0<2}"
        return {"asset": asset, "price": self._prices[asset]}


def routes(board: PriceBoard) -> list[Route]:
    """`GET /ticker/price?symbol=ETHUSD`."""

    async def price(request: Request) -> Response:
        symbol = request.query_params.get("symbol", "").upper()
        found = board.price(symbol.removesuffix(QUOTE)) if symbol.endswith(QUOTE) else None
        if not found:
            return JSONResponse({"error": "unknown symbol"}, status_code=404)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return JSONResponse({"symbol": symbol, "price": found, "time": now})

    return [Route("/ticker/price", price, methods=["GET"])]
