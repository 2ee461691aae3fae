"""What the bot says in a group on a command that came to nothing, and the command: both go away after a while.

That they shall go is kept in the database, so that a bot that is restarted takes them away too.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from telegram.error import RetryAfter

from bot.chats import Chats, retry_after_seconds
from bot.errors import alarm
from wallet_core.domain.chat import PassingMessage
from wallet_core.domain.errors import Unavailable
from wallet_core.ports import Before, Ports

_LOG: Final = structlog.get_logger("bot.passing")
_POLL_SECONDS: Final = 1.0
_PAGE: Final = 100


async def let_pass(ports: Ports, chat: int, *message_ids: int | None) -> None:
    """These messages of a group go away after a while."""
    until = await ports.store.now() + timedelta(seconds=ports.settings.group_message_seconds)
    for message_id in message_ids:
        if message_id is not None:
            await ports.store.put(
                PassingMessage(id=f"{chat}:{message_id}", chat=chat, message_id=message_id, until=until)
            )


class Sweeper:
    """Takes away what has stood long enough; runs until it is cancelled. Two of them may do it at once."""

    def __init__(self, ports: Ports, chats: Chats) -> None:
        self._ports = ports
        self._chats = chats

    async def run(self) -> None:
        """Looks every second; waits while the database is away."""
        seconds = 0.0
        while True:
            await asyncio.sleep(seconds)
            seconds = await self._pass()

    async def _pass(self) -> float:
        """Takes away what is due; returns how long to wait then, in seconds."""
        try:
            await self.sweep()
        except RetryAfter as error:
            return retry_after_seconds(error)
        except Unavailable as error:
            _LOG.warning("passing_waits", error=str(error))
        except Exception as error:
            alarm(error)
        return _POLL_SECONDS

    async def sweep(self) -> None:
        """One pass. What cannot be deleted (the bot may not, or it is gone) is forgotten as well."""
        store = self._ports.store
        due = {"until": Before(await store.now(), inclusive=True)}
        for message in await store.find(PassingMessage, due, order_by=("until",), limit=_PAGE):
            await self._chats.delete(message.chat, message.message_id)
            await store.remove(PassingMessage, message.id)
