"""Price tickers on loopback that answer what a test tells them, and rates that are made of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from wallet_core.adapters.rates import HttpRates
from wallet_core.domain.agreement import NoRate
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.rate_settings import RateSettings

Writer = asyncio.StreamWriter
#: A ticker's answer: a price, bytes of an HTTP body, a whole HTTP response as a string, or something done by hand.
Script = int | float | bytes | str | Callable[[asyncio.StreamReader, Writer], Awaitable[None]]


@dataclass
class Source:
    """A ticker on loopback that answers as it is told, and remembers what it was asked for."""

    script: Script
    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        """One connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split()[1].decode())
        try:
            if callable(self.script):
                await self.script(reader, writer)
            else:
                writer.write(_response(self.script))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def _response(script: int | float | bytes | str) -> bytes:
    if isinstance(script, str):
        return script.encode()
    body = script if isinstance(script, bytes) else json.dumps({"price": str(script)}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


@dataclass
class Market:
    """Rates, the tickers that they are of, and the clock that tells them how much time has passed."""

    sources: list[Source]
    now: float = 0.0
    rates: HttpRates = field(init=False)

    def clock(self) -> float:
        """The time that the rates are told."""
        return self.now

    def tell(self, *scripts: Script) -> None:
        """What the tickers answer from now on, and that what they said before is not shared any longer."""
        for source, script in zip(self.sources, scripts, strict=True):
            source.script = script
        self.now += 1.1

    async def itd(self, asset: Asset = Asset.ETH) -> float:
        """Whole ITD for one coin."""
        return (await self.rates.rate(asset)).itd_minor / one_coin_minor(Asset.ITD)

    async def why(self, asset: Asset = Asset.ETH) -> NoRate:
        """Why there is no rate."""
        with pytest.raises(Refused) as refused:
            await self.rates.rate(asset)
        assert refused.value.reason is Reason.RATE_UNAVAILABLE
        assert refused.value.facts["asset"] is asset
        return NoRate(refused.value.facts["why"])


@asynccontextmanager
async def market(*scripts: Script, form: str = "/{symbol}", **given_settings: Any) -> AsyncIterator[Market]:
    """As many tickers as there are scripts."""
    async with AsyncExitStack() as stack:
        sources = [Source(script) for script in scripts]
        for source in sources:
            server = await asyncio.start_server(source.answer, "127.0.0.1", 0)
            await stack.enter_async_context(server)
            source.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{form}"
        client = await stack.enter_async_context(httpx.AsyncClient())
        made = Market(sources)
        urls = tuple(source.url for source in sources)
        made.rates = HttpRates(RateSettings(rates_urls=urls, **given_settings), client, clock=made.clock)
        yield made


def told(price: str, age_seconds: float) -> bytes:
    """An answer with its time."""
    return json.dumps(
        {"price": price, "time": (datetime.now(UTC) - timedelta(seconds=age_seconds)).isoformat()}
    ).encode()


async def hang(reader: asyncio.StreamReader, writer: Writer) -> None:
    """Says nothing for as long as it is waited for."""
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: Writer) -> None:
    """A byte now and then: each arrives in time, the whole never does."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(300):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.1)


async def cut_off(reader: asyncio.StreamReader, writer: Writer) -> None:
    """Ends in the middle of its answer."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"price": "2000')


async def nothing(reader: asyncio.StreamReader, writer: Writer) -> None:
    """Hangs up."""
    writer.close()


BROKEN: dict[str, Script] = {
    "500": "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "429": 'HTTP/1.1 429 Slow\r\nContent-Length: 17\r\n\r\n{"price": "2000"}',
    "redirect": "HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    "no http": "SSH-2.0-OpenSSH\r\n",
    "nothing": nothing,
    "cut off": cut_off,
    "too long": b" " * 70_000 + b'{"price": "2000"}',
    "html": b"<html>",
    "another answer": b'{"error": "symbol"}',
    "stale": told("2000", 3_600),
    "of the future": told("2000", -86_400),
    "zero": b'{"price": "0"}',
    "zero to the last digit": b'{"price": 0.000}',
    "negative": b'{"price": "-2000"}',
    "not a number": b'{"price": NaN}',
    "infinite": b'{"price": Infinity}',
    "too small to be an amount": b'{"price": "0.0000001"}',
}
