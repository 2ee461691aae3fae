"""Documents in chats: each is noted, and goes away: the person's at once, a reviewer's after some minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from telegram.error import BadRequest, TelegramError

from bot.chats import Chats
from bot.errors import alarm
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.kyc_messages import ShownDocument
from wallet_core.ports import Before, Ports, Where
from wallet_core.use_cases.lapse_applications import lapse_applications
from wallet_core.use_cases.remove_documents import remove_documents
from wallet_core.use_cases.remove_loose_files import remove_loose_files

_LOG: Final = structlog.get_logger("bot.documents")
_ROUND_SECONDS: Final = 2.0
#: How often the store is looked through; nothing there is urgent by the second.
_STORE_SECONDS: Final = 5.0
#: Telegram deletes nothing that is older (Bot API, deleteMessage).
_DELETABLE: Final = timedelta(hours=48)

Job = Callable[[Ports], Awaitable[int]]
_JOBS: Final[tuple[Job, ...]] = (lapse_applications, remove_documents, remove_loose_files)


async def note_shown(ports: Ports, *, application: str, chat: int, message_id: int, until: datetime) -> str:
    """Remembers that a message shows a document, and until when; returns the note's id."""
    shown = ShownDocument(
        id=f"{chat}:{message_id}", application=application, chat=chat, message_id=message_id, until=until
    )
    await ports.store.put(shown)
    return shown.id


async def take_away(ports: Ports, chats: Chats, where: Where) -> None:
    """Deletes the messages that fit; one that cannot be reached now stays noted, and is tried again."""
    for shown in await ports.store.find(ShownDocument, where):
        try:
            await chats.bot.delete_message(shown.chat, shown.message_id)
        except BadRequest:
            # It is gone, or too old.
            pass
        except TelegramError:
            if await ports.store.now() < shown.until + _DELETABLE:
                continue
        await ports.store.remove(ShownDocument, shown.id)


class Tidying:
    """Runs until it is cancelled. Several bots may do it at once: each step can be done twice."""

    def __init__(self, ports: Ports, chats: Chats) -> None:
        self._ports = ports
        self._chats = chats
        self._store_at = 0.0

    async def run(self) -> None:
        """Takes documents away for ever; waits while the database is away."""
        while True:
            await self._survive(self._messages())
            if time.monotonic() >= self._store_at:
                self._store_at = time.monotonic() + _STORE_SECONDS
                for job in _JOBS:
                    await self._survive(job(self._ports))
            await asyncio.sleep(_ROUND_SECONDS)

    async def _messages(self) -> None:
        now = await self._ports.store.now()
        await take_away(self._ports, self._chats, {"until": Before(now, inclusive=True)})

    async def _survive(self, work: Awaitable[object]) -> None:
        try:
            await work
        except Unavailable as error:
            _LOG.warning("tidying_waits", error=str(error))
        except Exception as error:
            alarm(error)
