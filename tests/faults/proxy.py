"""A TCP proxy before a node's RPC that cuts the connection after a request was delivered: the answer is lost."""

from __future__ import annotations

import asyncio
from typing import Final, Self
from urllib.parse import urlsplit

_CHUNK: Final = 1 << 16


class Proxy:
    """Passes everything on, but for the answers that it was told to lose."""

    def __init__(self, behind: str, method: str) -> None:
        self._host, self._port = urlsplit(behind).hostname, urlsplit(behind).port
        self._method = f'"{method}"'.encode()
        self._to_cut = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.url = ""
        #: While it is set, requests that hand a transaction over do not reach the node either.
        self.swallows = False
        #: How many answers were lost.
        self.cuts = 0

    def cut_after_requests(self, count: int) -> None:
        """The next so many requests that hand a transaction over reach the node, and get no answer."""
        self._to_cut += count

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            node_reader, node_writer = await asyncio.open_connection(self._host, self._port)
            self._open.add(node_writer)
            losing = asyncio.Event()
            ways = {
                asyncio.create_task(self._hand_over(reader, node_writer, losing)),
                asyncio.create_task(self._answer(node_reader, writer, losing)),
            }
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            node_writer.close()
            self._open.discard(node_writer)
        except OSError:
            # The node is away: so is the proxy.
            pass
        finally:
            writer.close()
            self._open.discard(writer)

    async def _hand_over(self, reader: asyncio.StreamReader, node: asyncio.StreamWriter, losing: asyncio.Event) -> None:
        while chunk := await reader.read(_CHUNK):
            if self.swallows and self._method in chunk:
                return
            if self._to_cut and self._method in chunk:
                self._to_cut -= 1
                losing.set()
            node.write(chunk)
            await node.drain()

    async def _answer(self, node: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event) -> None:
        while chunk := await node.read(_CHUNK):
            if losing.is_set():
                # The node has answered, so the request was delivered.
                self.cuts += 1
                return
            writer.write(chunk)
            await writer.drain()
