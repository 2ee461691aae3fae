"""Callback queries: a pressed button waits for the bot's answer."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field

from bot.sandbox.telegram.errors import QUERY_TOO_OLD, bad_request
from bot.sandbox.telegram.state import Json

#: Telegram publishes no figure; observed answers are refused after about half a minute.
LIFETIME_SECONDS = 30.0


@dataclass
class Query:
    """One press that can be answered once."""

    asked_at: float
    answer: asyncio.Future[Json] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Queries:
    """The open queries by id; they do not survive a restart, as Telegram's do not survive their time."""

    def __init__(self) -> None:
        self._open: dict[str, Query] = {}

    def ask(self) -> str:
        """Opens a query and answers its id."""
        self._forget_old()
        query_id = str(secrets.randbits(62))
        self._open[query_id] = Query(time.monotonic())
        return query_id

    async def answered(self, query_id: str, timeout_seconds: float) -> Json:
        """Waits for the answer; an empty one when the bot is late."""
        query = self._open[query_id]
        done, _ = await asyncio.wait([query.answer], timeout=timeout_seconds)
        return query.answer.result() if done else {}

    def answer(self, query_id: str, content: Json) -> None:
        """Takes the bot's answer; 400 when the query is unknown, answered or too old."""
        self._forget_old()
        query = self._open.pop(query_id, None)
        if not query:
            raise bad_request(QUERY_TOO_OLD)
        query.answer.set_result(content)

    def stop(self) -> None:
        """Lets everybody go who waits for an answer."""
        for query in self._open.values():
            query.answer.set_result({})
        self._open.clear()

    def _forget_old(self) -> None:
        oldest = time.monotonic() - LIFETIME_SECONDS
        self._open = {key: query for key, query in self._open.items() if query.asked_at > oldest}
