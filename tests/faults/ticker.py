"""A price ticker on loopback whose price a test sets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class Ticker:
    """Where it answers, and what: whole USD for one ether, or None to answer nothing of use."""

    url: str
    price_usd: int | None = 2_500


@asynccontextmanager
async def ticking() -> AsyncIterator[Ticker]:
    """A ticker for the time of the block."""
    ticker = Ticker("")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"price": str(ticker.price_usd)}).encode()
        head = ("HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close")
        writer.write("\r\n".join((*head, "", "")).encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    ticker.url = f"http://127.0.0.1:{port}/?symbol={{symbol}}"
    async with server:
        yield ticker
