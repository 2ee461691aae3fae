"""Waiting for a node that was started to answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_POLL_SECONDS = 0.02


async def wait_until_answered(
    ask: Callable[[], Awaitable[object]], absent: type[Exception], timeout_seconds: float
) -> None:
    """Asks until there is an answer; raises `absent`, as asking does, if there is none in time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            await ask()
        except absent:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_POLL_SECONDS)
        else:
            return
