"""``python -m bot`` as a process: it waits for what is away, ends cleanly, and survives being killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.sandbox.leash import leashed
from tests.integration.bot.conftest import Town, data_of
from tests.integration.sandbox.conftest import TOKEN
from tests.support.wallet import ITD
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.adapters.seed_file import REGTEST
from wallet_core.keys import new_keys

Wanted = Callable[[dict[str, Any]], bool]


@dataclass
class Process:
    """A running bot and what it logs."""

    process: subprocess.Popen[bytes]
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    async def logged(self, event: str, seconds: float = 30) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                found = [line for line in self.lines() if line["event"].startswith(event)]
                if found:
                    return found[-1]
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.1)

    async def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        return await asyncio.to_thread(self.process.wait, 20)


Start = Callable[[Mapping[str, str]], Process]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a bot with this environment; whatever is left of it is killed."""
    new_keys(tmp_path / "keys", SecretStr("test"), REGTEST)
    started: list[Process] = []

    def begin(environment: Mapping[str, str]) -> Process:
        log = tmp_path / f"bot{len(started)}.log"
        common = {"WALLET_KEYS_DIR": str(tmp_path / "keys" / "bot"), "TELEGRAM_BOT_TOKEN": TOKEN, "PATH": ""}
        argv = leashed([sys.executable, "-m", "bot"])
        with log.open("wb") as out:
            process = subprocess.Popen(argv, env={**common, **environment}, stdout=out, stderr=out)
        started.append(Process(process, log))
        return started[-1]

    yield begin
    for one in started:
        await one.end(signal.SIGKILL)


@pytest.fixture
def environment(quiet_town: Town, mongo_uri: str, database_name: str) -> dict[str, str]:
    """The environment of a bot on the quiet town."""
    return {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": database_name,
        "TELEGRAM_API_BASE_URL": f"{quiet_town.sandbox.address}/bot",
        "TELEGRAM_API_FILE_URL": f"{quiet_town.sandbox.address}/file/bot",
        "BOT_HEALTH_PORT": str(free_port()),
    }


_SERVED = 'bot_updates_total{outcome="done",route="start"} 1.0'


async def test_it_serves_and_ends_cleanly(start: Start, environment: dict[str, str], quiet_town: Town) -> None:
    bot = start(environment)
    await bot.logged("ready")
    health = f"http://127.0.0.1:{environment['BOT_HEALTH_PORT']}"
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{health}/readyz")).status_code == 200
        ana = await quiet_town.newcomer()
        await ana.ask("/start", "otpauth://")
        # The answer is out a moment before its count.
        for _ in range(200):
            served = _SERVED in (await client.get(f"{health}/metrics")).text
            if served:
                break
            await asyncio.sleep(0.05)
        assert served
    assert await bot.end() == 0
    assert [line["event"] for line in bot.lines()][-2:] == ["stopping", "stopped"]
    assert TOKEN not in bot.log.read_text()


@pytest.mark.parametrize("away", ["MONGODB_URI", "TELEGRAM_API_BASE_URL"])
async def test_it_waits_for_what_is_away(start: Start, environment: dict[str, str], away: str) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    wrong = {"MONGODB_URI": f"mongodb://{nobody}/", "TELEGRAM_API_BASE_URL": f"http://{nobody}/bot"}[away]
    bot = start({**environment, away: wrong})
    line = await bot.logged(f"waiting for {'MongoDB' if away == 'MONGODB_URI' else 'Telegram'}")
    assert line["level"] == "warning" and "exception" not in line
    async with httpx.AsyncClient(trust_env=False) as client:
        health = f"http://127.0.0.1:{environment['BOT_HEALTH_PORT']}"
        assert (await client.get(f"{health}/livez")).status_code == 200
        assert (await client.get(f"{health}/readyz")).status_code == 503
    assert await bot.end(signal.SIGINT) == 0


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"WALLET_ENV": "production"}, "unsafe in production"),
        ({"WALLET_KEYS_DIR": "/nowhere"}, "wallet keys new"),
        ({"TELEGRAM_BOT_TOKEN": "1:wrong"}, "TELEGRAM_BOT_TOKEN"),
        ({"MIN_SEND": "-1"}, "min_send"),
    ],
)
async def test_it_refuses_what_it_cannot_serve_with(
    start: Start, environment: dict[str, str], change: dict[str, str], part: str
) -> None:
    bot = start({**environment, **change})
    assert await asyncio.to_thread(bot.process.wait, 30) == 2
    assert part in bot.log.read_text() and "Traceback" not in bot.log.read_text()


@pytest.mark.parametrize("delay_ms", [0, 5, 15, 40, 100])
async def test_a_bot_killed_at_a_press_does_it_once(
    start: Start, environment: dict[str, str], quiet_town: Town, delay_ms: int
) -> None:
    """Wherever the kill falls, pressing again does it, or answers that it was done; the receipt comes in any case."""
    town = quiet_town
    bot = start(environment)
    ana, ben = await town.resident("Ana", 100), await town.resident("Ben")
    card = await ana.ask(f"/send 5 @{ben.username}", "Send ITD")
    data = data_of(card, "Confirm")
    lost = asyncio.create_task(ana.press_data(card, data))
    await asyncio.sleep(delay_ms / 1_000)
    await bot.end(signal.SIGKILL)
    again = start(environment)
    await again.logged("ready")
    await ana.press_data(card, data)
    await lost
    await ana.told_ever("Sent 5 ITD")
    await ben.told_ever("Received 5 ITD")
    assert await town.balance(ben) == (5 * ITD, 0)
