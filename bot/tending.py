"""Looks now and then for what comes by itself with time: see ``use_cases/tend_waits``.

It is the bot that does it and no other process: what nobody could be told of, and nobody could cancel, shall not go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from bot.errors import alarm
from wallet_core.domain.errors import Unavailable
from wallet_core.ports import Ports
from wallet_core.use_cases.tend_waits import tend_waits

_LOG: Final = structlog.get_logger("bot.tending")
_EVERY_SECONDS: Final = 2.0


async def tend(ports: Ports, wake: Callable[[], None]) -> None:
    """Tends for ever; ``wake`` is called when there is something to tell. Several bots may do it at once."""
    while True:
        try:
            if await tend_waits(ports):
                wake()
        except Unavailable as error:
            _LOG.warning("tending_waits", error=str(error))
        except Exception as error:
            alarm(error)
        await asyncio.sleep(_EVERY_SECONDS)
