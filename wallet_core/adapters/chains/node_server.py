"""HTTP of nodes that answer each request over a connection of its own, as bitcoind and its descendants like it best.

A connection that is kept delays such a node's stop, and one that the node has just closed loses a request. A worker
asks its nodes dozens of times a second, and a full HTTP client takes three times the processor's time for it.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import h11

_READ_BYTES: Final = 1 << 16
#: What keeps an answer from coming, a timeout among it.
NO_ANSWER: Final = (OSError, h11.ProtocolError)


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    body: bytes


class NodeServer:
    """Where a node listens, and who asks it. Nothing is asked twice by itself, and no redirect is followed."""

    def __init__(self, url: str, user: str, password: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._path = parts.path.rstrip("/")
        who = b64encode(f"{user}:{password}".encode()).decode()
        self._headers = [
            ("Host", parts.netloc.rpartition("@")[2]),
            ("Authorization", f"Basic {who}"),
            ("Content-Type", "application/json"),
            ("Connection", "close"),
        ]

    async def post(self, path: str, body: bytes, timeout_seconds: float) -> Answer:
        """The answer to one request, ``path`` after that of the URL. Raises what is in ``NO_ANSWER``."""
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls or None)
            try:
                connection = h11.Connection(h11.CLIENT)
                writer.write(self._request(connection, path, body))
                return await _answer(connection, reader)
            finally:
                # What a node does not take is not waited for.
                writer.transport.abort()

    def _request(self, connection: h11.Connection, path: str, body: bytes) -> bytes:
        headers = [*self._headers, ("Content-Length", str(len(body)))]
        request = h11.Request(method="POST", target=f"{self._path}{path}" or "/", headers=headers)
        parts = (connection.send(event) for event in (request, h11.Data(body), h11.EndOfMessage()))
        return b"".join(part or b"" for part in parts)


async def _answer(connection: h11.Connection, reader: asyncio.StreamReader) -> Answer:
    status, parts = 0, []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return Answer(status, b"".join(parts))
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError("closed without an answer")
