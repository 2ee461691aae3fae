"""Inline queries: a person types `@bot …` anywhere, the bot offers results, the person takes one."""

import asyncio
import secrets
from dataclasses import dataclass

from bot.sandbox.telegram.errors import QUERY_TOO_OLD, bad_request
from bot.sandbox.telegram.state import Json

OPEN_LIMIT = 1_000


@dataclass(frozen=True)
class Answer:
    """The results, and the button above them that leads to the bot."""

    results: list[Json]
    button: Json | None = None


@dataclass
class InlineQuery:
    """One typed text and what the bot offered for it."""

    person_id: int
    text: str
    answer: asyncio.Future[Answer]


class Inline:
    """The newest inline queries by id."""

    def __init__(self) -> None:
        self._queries: dict[str, InlineQuery] = {}

    def ask(self, person_id: int, text: str) -> str:
        """Opens a query and answers its id."""
        query_id = str(secrets.randbits(62))
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queries[query_id] = InlineQuery(person_id, text, future)
        while len(self._queries) > OPEN_LIMIT:
            del self._queries[next(iter(self._queries))]
        return query_id

    async def answered(self, query_id: str, timeout_seconds: float) -> Answer:
        """Waits for the bot's answer; an empty one when it is late."""
        answer = self._queries[query_id].answer
        done, _ = await asyncio.wait([answer], timeout=timeout_seconds)
        return answer.result() if done else Answer([])

    def answer(self, query_id: str, content: Answer) -> None:
        """Takes the bot's answer; 400 for an unknown or answered query."""
        query = self._queries.get(query_id)
        if not query or query.answer.done():
            raise bad_request(QUERY_TOO_OLD)
        query.answer.set_result(content)

    def offered(self, person_id: int, result_id: str) -> tuple[str, Json] | None:
        """The text and the result that this person was offered last under this id."""
        for query in reversed(self._queries.values()):
            if query.person_id == person_id and query.answer.done():
                result = next((one for one in query.answer.result().results if str(one.get("id")) == result_id), None)
                if result:
                    return query.text, result
        return None

    def stop(self) -> None:
        """Lets everybody go who waits for results."""
        for query in self._queries.values():
            if not query.answer.done():
                query.answer.set_result(Answer([]))
