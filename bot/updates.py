"""One person's updates in order, different people's in parallel."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.codes import code_of
from bot.errors import alarm
from bot.metrics import DROPPED

PARALLEL: Final = 256
#: How many updates of one person may wait. What comes on top is dropped, and the person is told once.
WAITING_PER_PERSON: Final = 32
#: So many may wait where the last ones are codes or /freeze: a thief who floods must not keep the owner from those.
WAITING_WITH_URGENT: Final = 2 * WAITING_PER_PERSON

OnFlood = Callable[[Update], Awaitable[None]]


class PersonUpdateProcessor(BaseUpdateProcessor):
    """A person's first update runs; those that come meanwhile wait in the person's own line.

    Whoever waits holds none of the places for parallel work: the one who runs takes the line along. So one person can
    neither block the others nor fill the memory.
    """

    __slots__ = ("_lines", "on_flood")

    def __init__(self, max_concurrent_updates: int = PARALLEL) -> None:
        super().__init__(max_concurrent_updates)
        #: Tells somebody that their line is full.
        self.on_flood: OnFlood | None = None
        self._lines: dict[int, deque[Awaitable[Any]]] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Runs the update, or puts it into its person's line. See ``BaseUpdateProcessor``."""
        person = person_of(update)
        line = self._lines.get(person) if person is not None else None
        if line is None:
            await self._run(person, coroutine)
        elif is_freeze(update) and len(line) < WAITING_WITH_URGENT:
            line.appendleft(coroutine)
        elif len(line) < (WAITING_WITH_URGENT if is_code(update) else WAITING_PER_PERSON):
            line.append(coroutine)
            if len(line) == WAITING_PER_PERSON and self.on_flood and isinstance(update, Update):
                await self.on_flood(update)
        else:
            _discard(coroutine)

    async def _run(self, person: int | None, coroutine: Awaitable[Any]) -> None:
        if person is None:
            await coroutine
            return
        line = self._lines[person] = deque([coroutine])
        try:
            while line:
                await _survive(line.popleft())
        finally:
            del self._lines[person]
            for left in line:
                _discard(left)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end: the application waits for what runs."""


def person_of(update: object) -> int | None:
    """Whose update it is."""
    user = update.effective_user if isinstance(update, Update) else None
    return user.id if user else None


def is_freeze(update: object) -> bool:
    """Whether somebody wants to stop what leaves their wallet: that comes before all that waits."""
    return _text_of(update).partition(" ")[0].partition("@")[0] == "/freeze"


def is_code(update: object) -> bool:
    """Whether it is nothing but a code."""
    return code_of(_text_of(update)) is not None


def _text_of(update: object) -> str:
    message = update.message if isinstance(update, Update) else None
    return (message.text or "") if message else ""


async def _survive(coroutine: Awaitable[Any]) -> None:
    """One update's failure must not take those behind it along."""
    try:
        await coroutine
    except Exception as error:
        alarm(error)


def _discard(coroutine: Awaitable[Any]) -> None:
    DROPPED.inc()
    close = getattr(coroutine, "close", None)
    if close:
        close()
