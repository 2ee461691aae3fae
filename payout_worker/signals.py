"""SIGTERM, SIGINT and SIGUSR2: each sets a flag and does nothing else.

This module is imported and ``Stop.listen`` called before anything heavy, so that a signal during the start is noticed
too; before that the default action is right, since nothing was begun. Python runs a handler between two bytecodes of
the main thread, but an event loop that sleeps in ``select`` does not wake up by it (PEP 475), so the flag is polled.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any, Final, TypeVar

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2)
_POLL_SECONDS: Final = 0.05
#: What is given up has so long to tell others that it is.
_GIVE_UP_SECONDS: Final = 0.5

T = TypeVar("T")


class Stop:
    """Remembers the first signal; later ones change nothing and cut nothing short."""

    def __init__(self) -> None:
        self.name: str | None = None

    def listen(self) -> None:
        """Installs the handlers."""
        for number in SIGNALS:
            signal.signal(number, self._note)

    async def wait(self) -> str:
        """Returns the first signal's name once there was one."""
        while self.name is None:  # noqa: ASYNC110 - a signal handler may set a flag, not an event
            await asyncio.sleep(_POLL_SECONDS)
        return self.name

    async def sleep(self, seconds: float) -> None:
        """Sleeps, but not through an order to stop."""
        try:
            await asyncio.wait_for(self.wait(), seconds)
        except TimeoutError:
            return

    async def give_up(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of work that may be given up at any point; None once it was, for an order to stop."""
        task, stopping = asyncio.create_task(work), asyncio.create_task(self.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            stopping.cancel()
            await asyncio.wait({task, stopping}, timeout=_GIVE_UP_SECONDS)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.name is None:
            self.name = signal.Signals(number).name
