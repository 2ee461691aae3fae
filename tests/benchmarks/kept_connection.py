"""The leanest way to ask a node: one connection that is kept. A rival must not be slow by its client's fault."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any, Final
from urllib.parse import urlsplit

from tests.benchmarks.meters import length_of

#: Test nodes close a connection on which nothing is asked for two seconds.
_MOST_IDLE_SECONDS: Final = 1.0


class KeptConnection:
    """JSON over HTTP/1.1 to one address, one request at a time."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._to = urlsplit(url)
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._head = f"POST {self._to.path} HTTP/1.1\r\nHost: {self._to.netloc}\r\nAuthorization: Basic {login}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used_at = 0.0

    async def ask(self, asked: Any) -> Any:
        """The answer to a request, whatever its status. Raises ``OSError`` when there is nobody."""
        reader, writer = await self._open()
        body = json.dumps(asked).encode()
        writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readexactly(length_of(await reader.readuntil(b"\r\n\r\n")))
        self._used_at = time.monotonic()
        return json.loads(answer)

    async def aclose(self) -> None:
        """Ends it; the next request opens another one."""
        if self._streams:
            _, writer = self._streams
            self._streams = None
            writer.close()
            await writer.wait_closed()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if time.monotonic() - self._used_at > _MOST_IDLE_SECONDS:
            await self.aclose()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._to.hostname, self._to.port, limit=2**24)
        return self._streams
