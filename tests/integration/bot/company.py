"""A group of people with the bot in it, and inline mode in it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.integration.bot.conftest import WAIT_SECONDS, Talk, Town, data_of, text_of

Message = dict[str, Any]


@dataclass
class Group:
    """One group, as its members see it."""

    town: Town
    id: int

    async def say(self, talk: Talk, text: str, to: Message | None = None) -> Message:
        """Somebody writes, perhaps as a reply."""
        reply = {"reply_to": to["message_id"]} if to else {}
        await talk.refresh()
        talk.seen = max((int(m["seq"]) for m in talk.messages.values()), default=0)
        sent: Message = await self.town.sandbox.say(talk.person, text, self.id, **reply)
        return sent

    async def messages(self) -> list[Message]:
        """All of it as it is now."""
        found: list[Message] = await self.town.sandbox.get(f"/sim/chats/{self.id}/messages", after=0, wait=0)
        return found

    async def shows(self, *parts: str, gone: bool = False) -> Message:
        """Waits for a message with these parts, that stands there, or (``gone``) was deleted."""
        return await self.until(lambda m: m["deleted"] is gone and all(part in plainly(m) for part in parts))

    async def until(self, fits: Callable[[Message], bool]) -> Message:
        """Waits for a message that fits."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            messages = await self.messages()
            found = [message for message in messages if fits(message)]
            if found:
                return found[-1]
            assert time.monotonic() < deadline, [(plainly(m), m["deleted"]) for m in messages]
            await asyncio.sleep(0.02)

    async def type(self, talk: Talk, query: str) -> dict[str, Any]:
        """Somebody types after the bot's name; what is suggested."""
        answer: dict[str, Any] = await self.town.sandbox.post("/sim/inline", **{"from": talk.person}, query=query)
        return answer

    async def choose(self, talk: Talk, result: dict[str, Any], *, told: bool = True) -> Message:
        """They post one of the suggestions."""
        body = {"from": talk.person, "result_id": result["id"], "chat": self.id, "told": told}
        posted: Message = await self.town.sandbox.post("/sim/inline/choose", **body)
        return posted

    async def post(self, talk: Talk, query: str, *, told: bool = True) -> Message:
        """Types it and posts the first suggestion."""
        await talk.refresh()
        talk.seen = max((int(m["seq"]) for m in talk.messages.values()), default=0)
        return await self.choose(talk, (await self.type(talk, query))["results"][0], told=told)

    async def press(self, talk: Talk, message: Message, label: str = "Claim") -> dict[str, Any]:
        """Somebody presses a button; the toast, and the link that was opened for them."""
        now = next(one for one in await self.messages() if one["message_id"] == message["message_id"])
        press = {"from": talk.person, "message_id": message["message_id"], "data": data_of(now, label)}
        answer: dict[str, Any] = await self.town.sandbox.post(f"/sim/chats/{self.id}/press", **press)
        return answer


def plainly(message: Message) -> str:
    """What a message says, without the marks that keep names from turning the text around."""
    return re.sub("[\u2066-\u2069]", "", text_of(message))


async def group_of(town: Town, *people: Talk) -> Group:
    """A new group of these people."""
    made = await town.sandbox.post("/sim/groups", title="Friends", members=[talk.person for talk in people])
    return Group(town, made["id"])
