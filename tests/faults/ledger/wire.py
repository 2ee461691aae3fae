"""A wire to a mongod that is cut at a chosen command: the command, or its answer, never arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

HOST: Final = "127.0.0.1"
#: Where an OP_MSG has its first element's name, which is the command's (MongoDB's wire protocol).
_COMMAND_AT: Final = 26


class Moment(StrEnum):
    """When it is cut: the server has not heard of it, may have, or has done it and answered."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass
class Wire:
    """Relays to a server; the first ``command`` after ``armed`` cuts it, for good if ``for_good``."""

    server_port: int
    command: str
    moment: Moment
    for_good: bool
    port: int = 0
    armed: bool = False
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    _lines: set[_Line] = field(default_factory=set)

    @property
    def uri(self) -> str:
        """Leads a client through the wire, and lets it give up soon once that is cut."""
        return f"mongodb://{HOST}:{self.port}/?directConnection=true&serverSelectionTimeoutMS=2000"

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until it ends or is cut."""
        if self.for_good and self.cut.is_set():
            writer.transport.abort()
            return
        line = _Line(self, reader, writer, *await asyncio.open_connection(HOST, self.server_port))
        self._lines.add(line)
        try:
            await line.relay()
        finally:
            self._lines.discard(line)
            line.end()

    def strikes(self, message: bytes) -> bool:
        """Whether this is the command at which to cut; it is so once."""
        if not self.armed or message[_COMMAND_AT:].split(b"\0", 1)[0].decode(errors="replace") != self.command:
            return False
        self.armed = False
        return True

    def break_off(self) -> None:
        """What comes of the strike."""
        self.cut.set()
        if self.for_good:
            self.end()

    def end(self) -> None:
        """Ends every connection."""
        for line in self._lines:
            line.end()


@dataclass(eq=False)
class _Line:
    """One connection through the wire."""

    wire: Wire
    from_client: asyncio.StreamReader
    to_client: asyncio.StreamWriter
    from_server: asyncio.StreamReader
    to_server: asyncio.StreamWriter
    swallows_answer: bool = False

    async def relay(self) -> None:
        ways = [asyncio.create_task(way) for way in (self._requests(), self._answers())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)

    async def _requests(self) -> None:
        while message := await _message(self.from_client):
            moment = self.wire.moment if self.wire.strikes(message) else None
            if moment is Moment.BEFORE:
                return self.wire.break_off()
            self.swallows_answer = moment is Moment.AFTER
            await _passed_on(message, self.to_server)
            if moment is Moment.DURING:
                return self.wire.break_off()
        return None

    async def _answers(self) -> None:
        while message := await _message(self.from_server):
            if self.swallows_answer:
                return self.wire.break_off()
            await _passed_on(message, self.to_client)
        return None

    def end(self) -> None:
        self.to_client.transport.abort()
        self.to_server.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The next message, which begins with its length; nothing at the end of the connection."""
    try:
        length = await reader.readexactly(4)
        return length + await reader.readexactly(int.from_bytes(length, "little") - len(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def _passed_on(message: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(message)
    try:
        await writer.drain()
    except ConnectionError:
        # The other way of this line ends it.
        return


@asynccontextmanager
async def wired(server_port: int, command: str, moment: Moment, *, for_good: bool) -> AsyncIterator[Wire]:
    """A wire for the time of the block; it is cut only once it is armed."""
    wire = Wire(server_port, command, moment, for_good)
    server = await asyncio.start_server(wire.relay, HOST, 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        wire.end()
