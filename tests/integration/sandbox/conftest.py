"""The sandbox's server on a free port of this machine, and what drives it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, async_playwright
from telegram import Bot
from telegram.error import TelegramError

from bot.sandbox.app import build, serve
from bot.sandbox.world import World
from wallet_core.adapters.mongo.embedded import free_port

TOKEN = "4242:integration-tests"
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@dataclass
class Sandbox:
    """A running server with a client for its control API."""

    address: str
    control: httpx.AsyncClient

    def bot(self, token: str = TOKEN) -> Bot:
        return Bot(token, base_url=f"{self.address}/bot", base_file_url=f"{self.address}/file/bot")

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.control.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def person(self, first_name: str = "Ana", **more: Any) -> int:
        user = await self.post("/sim/users", first_name=first_name, **more)
        return int(user["id"])

    async def say(self, person: int, text: str, chat: int | None = None, **more: Any) -> dict[str, Any]:
        message: dict[str, Any] = await self.post(
            f"/sim/chats/{chat or person}/messages", **{"from": person}, text=text, **more
        )
        return message

    async def newest(self, chat: int, after: int, wait: float = 5) -> dict[str, Any]:
        found = await self.get(f"/sim/chats/{chat}/messages", after=after, wait=wait)
        assert found, "nothing came"
        newest: dict[str, Any] = found[-1]
        return newest


@contextlib.asynccontextmanager
async def running(data_dir: Path, world: World | None = None) -> AsyncIterator[Sandbox]:
    port, started = free_port(), asyncio.Event()
    app = build(token=TOKEN, data_dir=data_dir, world=world or World())
    task = asyncio.create_task(serve(app, "127.0.0.1", port, started))
    await asyncio.wait_for(started.wait(), 5)
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as control:
            yield Sandbox(address, control)
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running(tmp_path) as one:
        yield one


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with sandbox.bot() as one:
        yield one


@pytest.fixture(scope="module")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


async def refusal(call: Any) -> TelegramError:
    """The error that a call of the bot library ends with."""
    with pytest.raises(TelegramError) as caught:
        await call
    return caught.value
