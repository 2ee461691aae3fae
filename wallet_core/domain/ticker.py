"""How a public ticker is asked and its answer read, as one word of ``RATES_URLS`` says it. Pure.

::

    https://ticker.example/v2/{symbol_lower}/#result.*.c.0,time

What follows ``#`` is never sent. It is the path of the price in the JSON answer and, after a comma, that of its time:
names of an object's fields and numbers of a list's elements, with points between them; ``*`` is the only one there is.
A ``?`` after the time's path says that the answer may lack it. Without ``#`` it is ``price,time?``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from wallet_core.domain.money import Asset

_DEFAULT_PATHS: Final = "price,time?"
_PRICE: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,18})?", re.ASCII)
#: Unix time in seconds, which have ten digits until 2286, perhaps with a fraction; or in milli-, micro- or nanoseconds.
_UNIX: Final = re.compile(r"([0-9]{10})(?:\.([0-9]{1,9})|((?:[0-9]{3}){0,3}))", re.ASCII)
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Price:
    """What one coin costs in USD, and when: as the ticker told, else when it was asked."""

    usd: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Ticker:
    """One source of prices."""

    address: str
    price_path: tuple[str, ...]
    time_path: tuple[str, ...]
    needs_time: bool

    @classmethod
    def of(cls, text: str) -> Ticker:
        """Reads the form above. Raises ``ValueError`` for another one, and for an address that names no coin."""
        address, _, paths = text.partition("#")
        price, _, time = (paths or _DEFAULT_PATHS).partition(",")
        ticker = cls(address, _path(price), _path(time.removesuffix("?")), bool(time) and not time.endswith("?"))
        url = ticker.url(Asset.BTC)
        if urlsplit(url).scheme not in ("http", "https") or not ticker.host:
            raise ValueError(f"{address} is no http address")
        # Without the coin in its address a ticker would give one coin's price for all of them.
        if url == address or set(url) & set("{}"):
            raise ValueError(f"{address} must have {{symbol}} or {{coin}}, and nothing else in braces")
        if not ticker.price_path or not all(ticker.price_path + ticker.time_path):
            raise ValueError(f"{text} has no path such as #price,time")
        return ticker

    @property
    def host(self) -> str:
        """The name under which people know it."""
        return urlsplit(self.address).hostname or ""

    def url(self, asset: Asset) -> str:
        """Where the price of this coin is asked for."""
        names = {"symbol": f"{asset}USD", "coin": str(asset)}
        names |= {f"{name}_lower": value.lower() for name, value in names.items()}
        url = self.address
        for name, value in names.items():
            url = url.replace(f"{{{name}}}", value)
        return url

    def read(self, body: bytes, asked_at: datetime, max_age: timedelta) -> Price:
        """The price in an answer. Raises ``ValueError`` for one that is malformed, not positive or too old."""
        answer = _json(body)
        usd = _found(answer, self.price_path)
        if not isinstance(usd, str) or not _PRICE.fullmatch(usd) or not Decimal(usd):
            raise ValueError(f"not a price: {str(usd)[:_SHOWN]!r}")
        told = _found(answer, self.time_path) if self.time_path else None
        if told is None and not self.needs_time:
            return Price(Decimal(usd), asked_at)
        at = _time(told)
        # One from the future is as wrong as an old one.
        if abs(asked_at - at) > max_age:
            raise ValueError(f"not of now: {at}")
        return Price(Decimal(usd), at)


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split(".")) if text else ()


def _json(body: bytes) -> Any:
    """Numbers as the text that they were sent as: no price is ever a float."""
    try:
        return json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _found(answer: Any, path: Sequence[str]) -> Any:
    """What is at the end of the path; None when there is nothing."""
    for step in path:
        inside = _inside(answer)
        names = list(inside) if step == "*" else [step]
        answer = inside.get(names[0]) if len(names) == 1 else None
    return answer


def _inside(answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, list):
        return {str(number): element for number, element in enumerate(answer)}
    return answer if isinstance(answer, dict) else {}


def _time(told: Any) -> datetime:
    """A time in ISO 8601 or since 1970. Without a zone it is taken for nothing, as is anything but text."""
    if not isinstance(told, str) or len(told) > _SHOWN:
        raise ValueError(f"not a time: {str(told)[:_SHOWN]!r}")
    unix = _UNIX.fullmatch(told)
    if unix:
        seconds, fraction, finer = unix.groups()
        microseconds = (fraction or finer).ljust(6, "0")[:6]
        return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(microseconds))
    at = datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {told!r}")
    return at
