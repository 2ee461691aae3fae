"""Counts what a worker asks: of its node on the wire, of the database by the server's own count of commands."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from typing import Final

from pymongo.asynchronous.database import AsyncDatabase

from tests.faults.proxy import Proxy
from wallet_core.domain.record import Document

_HEAD_ENDS: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
#: What drivers say by themselves, and what is asked here.
_UNCOUNTED: Final = frozenset({"hello", "isMaster", "ping", "serverStatus"})


class RpcMeter(Proxy):
    """Stands before a node and counts every call that passes, each one of a JSON-RPC batch."""

    def __init__(self, behind: str) -> None:
        super().__init__(behind, "")
        #: How often each method was called.
        self.called = Counter[str]()

    async def _hand_over(self, reader: asyncio.StreamReader, node: asyncio.StreamWriter, losing: asyncio.Event) -> None:
        while True:
            try:
                head = await reader.readuntil(_HEAD_ENDS)
                body = await reader.readexactly(length_of(head))
            except asyncio.IncompleteReadError:
                return
            self.called.update(_methods(body))
            node.write(head + body)
            await node.drain()


def length_of(head: bytes) -> int:
    """Bytes of the body that follows a head. Raises ``ValueError`` for one that does not say."""
    found = _LENGTH.search(head)
    if found is None:
        raise ValueError("a request without a length cannot be counted")
    return int(found[1])


def _methods(body: bytes) -> list[str]:
    asked = json.loads(body)
    return [call["method"] for call in (asked if isinstance(asked, list) else [asked])]


async def database_commands(database: AsyncDatabase[Document]) -> int:
    """How many commands the server has got since its start, from whomever."""
    status = await database.command("serverStatus", repl=0, tcmalloc=0)
    commands = status["metrics"]["commands"].items()
    # Beside the commands there is a plain number of those that nobody knows.
    return sum(count["total"] for name, count in commands if isinstance(count, dict) and name not in _UNCOUNTED)
