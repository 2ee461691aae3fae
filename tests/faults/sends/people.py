"""Patient people in a chat: they write and press again when nothing comes of it, and look at the newest card."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import pyotp

from tests.faults.sends.world import SendWorld
from tests.integration.bot.conftest import buttons_of, data_of, text_of
from tests.support.wallet import SECRET
from wallet_core.domain.people import Caller

Holds = Callable[[], Awaitable[bool]]
#: Nobody waits for longer, however often the processes die meanwhile.
PATIENCE_SECONDS: Final = 150.0
#: After so long whoever wrote or pressed does it again.
_AGAIN_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.1
_CODE_SECONDS: Final = 30


@dataclass
class Human:
    """One person's private chat with the bot."""

    world: SendWorld
    person: int
    username: str

    @property
    def caller(self) -> Caller:
        """The same, as use cases name them."""
        return Caller(self.person)

    async def say(self, text: str) -> None:
        """Writes."""
        await self.world.sandbox.say(self.person, text)

    async def messages(self) -> list[dict[str, Any]]:
        """The chat as it is now."""
        path = f"/sim/chats/{self.person}/messages"
        return [message for message in await self.world.sandbox.get(path, after=0, wait=0) if not message["deleted"]]

    async def card(self, label: str) -> dict[str, Any] | None:
        """The newest message with this button."""
        found = [m for m in await self.messages() if label in {button["text"] for button in buttons_of(m)}]
        return max(found, key=lambda message: int(message["seq"]), default=None)

    async def says_until(self, text: str, label: str) -> dict[str, Any]:
        """Writes until there is a card with this button."""
        await self.does_until(lambda: self.say(text), lambda: self._has(label))
        card = await self.card(label)
        assert card is not None
        return card

    async def presses_until(self, label: str, holds: Holds, card: dict[str, Any] | None = None) -> None:
        """Presses the button of this card, or of the newest that has it, until something is so."""

        async def press() -> None:
            shown = card or await self.card(label)
            if shown is not None:
                await self._press(shown, label)

        await self.does_until(press, holds)

    async def does_until(self, act: Callable[[], Awaitable[None]], holds: Holds) -> None:
        """Does it again and again. Raises ``AssertionError`` when it does not come to be."""
        for _ in range(int(PATIENCE_SECONDS / _AGAIN_SECONDS)):
            if await holds():
                return
            await act()
            with suppress(AssertionError):
                await until(holds, _AGAIN_SECONDS)
        await until(holds, _AGAIN_SECONDS)

    async def gives_codes_until(self, holds: Holds) -> None:
        """A code that fits now; after one that nothing came of, the next one."""
        for _ in range(int(PATIENCE_SECONDS / _CODE_SECONDS)):
            await self.say(pyotp.TOTP(SECRET).at(await self.world.ports.store.now()))
            with suppress(AssertionError):
                await until(holds, _CODE_SECONDS)
                return
        raise AssertionError("no code was taken")

    async def _has(self, label: str) -> bool:
        return await self.card(label) is not None

    async def _press(self, card: dict[str, Any], label: str) -> None:
        """The toast of a bot that dies never comes, and nobody waits for it."""
        data = data_of(card, label)
        press = {"from": self.person, "message_id": card["message_id"], "data": data}
        with suppress(TimeoutError):
            async with asyncio.timeout(_AGAIN_SECONDS):
                await self.world.sandbox.post(f"/sim/chats/{self.person}/press", **press)

    async def reads(self, *words: str) -> bool:
        """Whether a message has all of these words."""
        return any(all(word in text_of(message) for word in words) for message in await self.messages())


async def until(holds: Holds, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits for something. Raises ``AssertionError`` when it does not come to be."""
    for _ in range(max(1, int(seconds / _LOOK_SECONDS))):
        if await holds():
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise AssertionError(f"{holds.__qualname__} did not come to be")
