"""Alive while the process runs, ready while it can serve."""

from __future__ import annotations

import asyncio

import httpx

from bot import web


async def _get(health: web.Health, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=web.build(health))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        return await client.get(path)


async def _fine() -> bool:
    return True


async def _broken() -> bool:
    raise ConnectionError


async def test_a_bot_that_starts_is_alive_and_not_ready() -> None:
    health = web.Health()
    assert (await _get(health, "/livez")).status_code == 200
    answer = await _get(health, "/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: started")


async def test_readiness_names_what_is_missing() -> None:
    health = web.Health()
    health.checks = {"MongoDB": _broken, "Telegram": _fine}
    assert (await _get(health, "/readyz")).text == "not ready: MongoDB"
    health.checks = {"MongoDB": _fine, "Telegram": _fine}
    assert (await _get(health, "/readyz")).status_code == 200


async def test_metrics_are_told() -> None:
    assert "bot_updates" in (await _get(web.Health(), "/metrics")).text


async def test_it_serves_on_loopback_and_ends() -> None:
    async with web.serving(0, web.Health()):
        pass
    reserved = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = reserved.sockets[0].getsockname()[1]
    reserved.close()
    await reserved.wait_closed()
    async with web.serving(port, web.Health()), httpx.AsyncClient(trust_env=False) as client:
        for _ in range(100):
            try:
                assert (await client.get(f"http://127.0.0.1:{port}/livez")).text == "ok"
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
        else:
            raise AssertionError("it never came up")
