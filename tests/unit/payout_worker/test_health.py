"""/livez, /readyz and /metrics over real HTTP: what is told of loops that are stuck and parts that are not well."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from payout_worker import health as health_module
from payout_worker.health import WELL, Health, serving
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset


@pytest.fixture
def health() -> Health:
    return Health(stuck_seconds=0.3)


@pytest.fixture
async def http(health: Health) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    async with serving(health, port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(100):
            with contextlib.suppress(httpx.ConnectError):
                await client.get("/metrics")
                break
            await asyncio.sleep(0.02)
        yield client


async def answer(http: httpx.AsyncClient, path: str) -> tuple[int, Any]:
    got = await http.get(path)
    return got.status_code, got.json()


async def test_a_loop_that_does_not_come_round_is_named_until_it_does(health: Health, http: httpx.AsyncClient) -> None:
    with health.loop("ETH payout") as came_round, health.loop("seal") as other_came_round:
        assert (await answer(http, "/livez"))[0] == 200
        for _ in range(5):
            await asyncio.sleep(0.1)
            other_came_round()
        code, told = await answer(http, "/livez")
        assert (code, told["alive"], told["stuck"]) == (503, False, ["ETH payout"])
        ages = told["seconds_since_turn"]
        assert ages["ETH payout"] > 0.3 > ages["seal"] >= 0
        came_round()
        code, told = await answer(http, "/livez")
        assert (code, told["alive"], told["stuck"]) == (200, True, [])
    await asyncio.sleep(0.4)
    assert await answer(http, "/livez") == (200, {"alive": True, "stuck": [], "seconds_since_turn": {}})


async def test_it_is_ready_when_every_part_is_well(health: Health, http: httpx.AsyncClient) -> None:
    health.note_lease(Asset.ETH, "another worker has it")
    code, told = await answer(http, "/readyz")
    assert (code, told) == (503, {"ready": False, "parts": {"ETH lease": "another worker has it"}})
    health.note_lease(Asset.ETH, WELL)
    assert await answer(http, "/readyz") == (200, {"ready": True, "parts": {"ETH lease": "ok"}})


async def test_a_part_that_comes_while_the_others_are_asked_is_told_the_next_time(
    health: Health, http: httpx.AsyncClient
) -> None:
    async def node() -> None:
        health.note("ETH payout", "its first pass is under way")

    health.ask_node(Asset.ETH, node)
    assert (await answer(http, "/readyz"))[1]["parts"] == {"ETH node": "ok"}
    assert (await answer(http, "/readyz"))[1]["parts"].keys() == {"ETH node", "ETH payout"}


async def test_a_part_that_is_asked_says_by_itself_what_keeps_it(
    health: Health, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_module, "_ANSWER_SECONDS", 0.1)
    errors: list[Exception] = [Unavailable("the node is still catching up"), ValueError()]

    async def node() -> None:
        if errors:
            raise errors.pop(0)

    health.ask_node(Asset.BTC, node)
    health.ask("primary", asyncio.Event().wait)
    for says in ("the node is still catching up", "ValueError", "ok"):
        code, told = await answer(http, "/readyz")
        assert code == 503
        assert told["parts"] == {"BTC node": says, "primary": "no answer within 0.1 s"}


async def test_nothing_of_the_server_goes_on_after_the_block(health: Health) -> None:
    before = asyncio.all_tasks()
    port = free_port()
    async with serving(health, port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(httpx.ConnectError):
                    await client.get("/livez")
                    break
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
