"""The bot as people meet it: python-telegram-bot against the local Bot API server, on the real MongoDB."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import pytest
from pydantic import SecretStr

from bot.app import AnyApplication
from bot.service import serving_bot
from tests.integration.sandbox.conftest import TOKEN, Sandbox, running
from tests.support.roles import give_role
from tests.support.wallet import ITD, SECRET, Wallet, open_wallet
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Rail
from wallet_core.use_cases.codes import new_id, secret_bound_to

WAIT_SECONDS = 40.0


@dataclass
class Talk:
    """One person's private chat with the bot."""

    sandbox: Sandbox
    person: int
    username: str
    seen: int = 0
    secret: str = ""
    steps: int = 0
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)

    async def say(self, text: str = "", **more: Any) -> dict[str, Any]:
        """The person writes; what the bot answers later is what ``told`` looks at."""
        await self.refresh()
        body = {"from": self.person, **({"text": text} if text else {}), **more}
        sent: dict[str, Any] = await self.sandbox.post(f"/sim/chats/{self.person}/messages", **body)
        self.seen = int(sent["seq"])
        return sent

    async def give(self, name: str, content: bytes) -> None:
        """The person sends a document."""
        await self.refresh()
        sent = await self.sandbox.control.post(
            f"/sim/chats/{self.person}/messages",
            data={"from": str(self.person), "as": "document"},
            files={"file": (name, content, "text/csv")},
        )
        assert sent.status_code == 200, sent.text
        self.seen = int(sent.json()["seq"])

    async def told(self, part: str) -> dict[str, Any]:
        """Waits for a message, or an edit, that holds this part, since the person last did something."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            await self.refresh()
            for message in sorted(self.messages.values(), key=lambda m: -int(m["seq"])):
                if int(message["seq"]) > self.seen and part in text_of(message) and not message["deleted"]:
                    return message
            assert time.monotonic() < deadline, f"nobody said {part!r}: {[text_of(m) for m in self.messages.values()]}"
            await asyncio.sleep(0.02)

    async def told_ever(self, part: str) -> dict[str, Any]:
        """Waits for a message that holds this part, whenever it came."""
        self.seen = 0
        return await self.told(part)

    async def ask(self, text: str, part: str) -> dict[str, Any]:
        """Says something and waits for the answer."""
        await self.say(text)
        return await self.told(part)

    async def press(self, message: dict[str, Any], label: str) -> str:
        """Presses a button of a message and returns the toast."""
        return await self.press_data(message, data_of(message, label))

    async def press_data(self, message: dict[str, Any], data: str) -> str:
        """Presses a button by what it carries."""
        await self.refresh()
        self.seen = max((int(m["seq"]) for m in self.messages.values()), default=0)
        press = {"from": self.person, "message_id": message["message_id"], "data": data}
        answer = await self.sandbox.post(f"/sim/chats/{self.person}/press", **press)
        return str(answer["toast"])

    async def refresh(self) -> list[dict[str, Any]]:
        """All messages of the chat as they are now."""
        found = await self.sandbox.get(f"/sim/chats/{self.person}/messages", after=0, wait=0)
        self.messages = {int(m["message_id"]): m for m in found}
        return list(found)

    async def enrol(self, start: str = "/start") -> None:
        """Pairs an authenticator by what the chat says."""
        await self.say(start)
        card = await self.told("otpauth://")
        match = re.search(r"secret=([A-Z2-7]+)", card["text"])
        assert match
        self.secret = match.group(1)
        await self.ask(self.code(), "Your recovery codes")

    def code(self) -> str:
        """A code that was not given before; the wallet of the tests takes codes of later steps too."""
        self.steps = max(self.steps + 1, int(time.time()) // 30)
        return str(pyotp.TOTP(self.secret).generate_otp(self.steps))


@dataclass
class Town:
    """The wallet, the local Bot API and the running bot."""

    wallet: Wallet
    sandbox: Sandbox
    application: AnyApplication | None = None

    async def newcomer(self, name: str = "Ana", **more: Any) -> Talk:
        """Somebody who never wrote to the bot."""
        username = more.pop("username", f"{name.lower()}_{new_id()[:8]}")
        person = await self.sandbox.person(name, username=username, **more)
        return Talk(self.sandbox, person, username)

    async def resident(self, name: str = "Ana", itd: int = 0, role: Role | None = None, **more: Any) -> Talk:
        """Somebody enrolled and known to the bot, with so much ITD and a code given just now."""
        talk = await self.newcomer(name, **more)
        talk.secret = SECRET
        ports = self.wallet.ports
        sealed, now = ports.vault.seal(SECRET.encode(), bound_to=secret_bound_to(talk.person)), await ports.store.now()
        entries = (debit(Account(Asset.ITD, "trading"), itd * ITD), credit(available(talk.person), itd * ITD))
        change = ChangeGuards(talk.person, lambda g, _: g.with_(secret=sealed, code_at=now))
        posting = Posting(f"test:{new_id()}", "test", "test", entries=entries if itd else (), changes=(change,))
        await ports.ledger.post(posting)
        await give_role(ports, talk.person, role)
        await talk.say("/start")
        await talk.told("ITD")
        return talk

    async def balance(self, talk: Talk) -> tuple[int, int]:
        """Available and held, in ITD minor units."""
        return await self.wallet.balance(Caller(talk.person))

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[AnyApplication]:
        """A bot process on this town."""
        async with serving_bot(self.wallet.ports) as application:
            self.application = application
            yield application


async def until_sent(town: Town, message_id: str, state: OutboxState = OutboxState.SENT) -> None:
    """Waits until an outbox message is in a state."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        message = await town.wallet.ports.store.get(OutboxMessage, message_id)
        if message is not None and message.state is state:
            return
        assert time.monotonic() < deadline, message
        await asyncio.sleep(0.05)


def text_of(message: dict[str, Any]) -> str:
    """What a message says."""
    return str(message.get("text") or message.get("caption") or "")


def buttons_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons below a message."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def data_of(message: dict[str, Any], label: str) -> str:
    """What a button carries."""
    found = [b for b in buttons_of(message) if b["text"] == label]
    assert found, f"no button {label!r} among {[b['text'] for b in buttons_of(message)]}"
    return str(found[0]["callback_data"])


@asynccontextmanager
async def open_town(mongo_uri: str, database_name: str, folder: Path, **more: Any) -> AsyncIterator[Town]:
    """A town in which no bot runs yet; ``more`` are settings."""
    async with running(folder) as sandbox:
        settings = {
            "telegram_bot_token": SecretStr(TOKEN),
            "telegram_api_base_url": f"{sandbox.address}/bot",
            "telegram_api_file_url": f"{sandbox.address}/file/bot",
            **more,
        }
        async with open_wallet(mongo_uri, database_name, **settings) as wallet:
            if await wallet.ports.store.get(Rail, Asset.ETH):
                await wallet.set_rail(watched_through=1_000)
            yield Town(wallet, sandbox)


@pytest.fixture
async def quiet_town(mongo_uri: str, database_name: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town in which no bot runs yet."""
    async with open_town(mongo_uri, database_name, tmp_path) as town:
        yield town


@pytest.fixture
async def town(quiet_town: Town) -> AsyncIterator[Town]:
    """A town with a running bot."""
    async with quiet_town.bot():
        yield quiet_town
