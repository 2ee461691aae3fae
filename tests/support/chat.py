"""People who chat with the real bot through the sandbox's control API."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp

Message = dict[str, Any]
_OTPAUTH = re.compile(r"otpauth://\S+")
_STEP_SECONDS = 30
_READ_WITHIN_SECONDS = 15


def text_of(message: Message) -> str:
    """A message's text or caption."""
    return str(message.get("text") or message.get("caption") or "")


def buttons_of(message: Message) -> dict[str, str]:
    """A message's callback buttons: what they say -> their data."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row if "callback_data" in button}


@dataclass
class Sim:
    """The control API of a running sandbox."""

    http: httpx.AsyncClient

    async def post(self, path: str, **body: Any) -> Any:
        """Posts JSON; an error is the test's."""
        answer = await self.http.post(f"/sim{path}", json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def get(self, path: str, **query: Any) -> Any:
        """Gets JSON."""
        answer = await self.http.get(f"/sim{path}", params=query, timeout=60)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def process(self, name: str, action: str) -> None:
        """A signal for a process, or ``start``."""
        await self.post(f"/processes/{name}/{action}")

    async def person(self, name: str) -> ChatPerson:
        """A new person with a username of their own."""
        username = f"{name.lower()}_{time.monotonic_ns() % 10**9}"
        user = await self.post("/users", first_name=name, username=username)
        return ChatPerson(self, user["id"], username)


@dataclass
class ChatPerson:
    """Somebody with a private chat and an authenticator."""

    sim: Sim
    id: int
    username: str
    uri: str = ""
    _last_step: int = 0
    codes: list[str] = field(default_factory=list)

    async def say(self, text: str) -> int:
        """Writes, and returns the position in the chat before that."""
        before = await self.position()
        await self.sim.post(f"/chats/{self.id}/messages", **{"from": self.id, "text": text})
        return before

    async def messages(self, after: int = 0, wait: float = 0) -> list[Message]:
        """The chat's messages in their present form that changed after a position."""
        found: list[Message] = await self.sim.get(f"/chats/{self.id}/messages", after=after, wait=wait)
        return found

    async def position(self) -> int:
        """The newest change of the chat."""
        return max((message["seq"] for message in await self.messages()), default=0)

    async def until(self, fits: Callable[[Message], bool], *, after: int = 0, seconds: float = 30) -> Message:
        """The newest message of the bot's that fits, waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = [m for m in await self.messages() if m["seq"] > after and self.from_bot(m) and fits(m)]
            if found:
                return max(found, key=lambda message: message["seq"])
            last = await self.position()
            await self.messages(after=last, wait=min(1.0, max(0.0, end - time.monotonic())))
        chat = "\n---\n".join(text_of(message) for message in await self.messages())
        raise AssertionError(f"no such message within {seconds} s; the chat is:\n{chat}")

    async def reads(self, *words: str, after: int = 0, seconds: float = 30) -> Message:
        """A message of the bot's with all these words in it."""
        return await self.until(lambda m: all(word in text_of(m) for word in words), after=after, seconds=seconds)

    async def ask(self, text: str, *words: str, seconds: float = 30) -> Message:
        """Writes, and waits for an answer with these words."""
        return await self.reads(*words, after=await self.say(text), seconds=seconds)

    async def press(self, message: Message, button: str) -> str:
        """Presses a button by its text, and returns the toast."""
        return await self.press_data(message, buttons_of(message)[button])

    async def press_data(self, message: Message, data: str) -> str:
        """Presses a button by its data, which may be another message's."""
        answer = await self.sim.post(
            f"/chats/{self.id}/press",
            **{"from": self.id, "message_id": message["message_id"], "data": data},
        )
        return str(answer["toast"])

    async def code(self) -> str:
        """A code that was not given before; waits for the next one when need be."""
        while True:
            # One step late and one early are accepted, so three codes can be given within one step's time;
            # a late one only while the bot still has time to read it before the step turns.
            now = time.time()
            step = max(int(now + _READ_WITHIN_SECONDS) // _STEP_SECONDS - 1, self._last_step + 1)
            if step <= int(now) // _STEP_SECONDS + 1:
                self._last_step = step
                return str(pyotp.parse_uri(self.uri).generate_otp(step))  # type: ignore[union-attr]  # never an HOTP
            await asyncio.sleep(0.5)

    async def enrol(self) -> None:
        """From /start to recovery codes."""
        card = await self.ask("/start", "otpauth://")
        await self.pair(card)
        codes = await self.reads("Your recovery codes", after=await self.say(await self.code()))
        self.codes = re.findall(r"\d-\w{4}-\w{4}-\w{4}-\w{4}", text_of(codes))
        assert len(self.codes) == 8

    async def pair(self, card: Message) -> None:
        """Takes the secret of an enrolment card into the authenticator."""
        found = _OTPAUTH.search(text_of(card))
        assert found is not None
        self.uri, self._last_step = found.group(), 0

    async def buy(self, itd: str, seconds: float = 60) -> Message:
        """Buys ITD with ether and waits for the credit; returns the last state of the invoice."""
        offer = await self.ask(f"/buy {itd} ETH", "Buy ITD")
        before = await self.position()
        await self.press(offer, "Confirm")
        invoice = await self.reads("ethereum:0x", after=before)
        await self.pay(invoice)
        number = invoice["message_id"]
        return await self.until(
            lambda m: m["message_id"] == number and "credited" in text_of(m), after=before, seconds=seconds
        )

    async def pay(self, invoice: Message) -> None:
        """Pays an invoice exactly, from the faucet."""
        address, wei = re.findall(r"ethereum:(0x\w{40})@\d+\?value=(\d+)", text_of(invoice))[0]
        amount = f"{int(wei) // 10**18}.{int(wei) % 10**18:018d}"
        await self.sim.post("/chains/eth/send", address=address, amount=amount)

    async def withdraw(self, itd: str, address: str) -> Message:
        """Asks for a withdrawal with a code; returns the receipt's first state."""
        offer = await self.ask(f"/withdraw {itd} ETH {address}", "Balance after")
        before = await self.position()
        await self.press(offer, "Confirm")
        await self.reads("6-digit code", after=before)
        before = await self.say(await self.code())
        return await self.until(lambda m: "6-digit code" not in text_of(m), after=before)

    def from_bot(self, message: Message) -> bool:
        """Whether the bot wrote it and it still stands there."""
        return bool(message.get("from", {}).get("is_bot")) and not message.get("deleted")
