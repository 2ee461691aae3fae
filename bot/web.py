"""A small HTTP server on loopback for those who watch the bot: alive, ready, metrics."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_HOST: Final = "127.0.0.1"
_CHECK_SECONDS: Final = 3.0

Check = Callable[[], Awaitable[bool]]


class Health:
    """What the bot needs in order to serve people: each check by its name."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {"started": _not_yet}

    async def missing(self) -> list[str]:
        """The names of the checks that fail now."""
        results = await asyncio.gather(*(_holds(check) for check in self.checks.values()))
        return [name for name, holds in zip(self.checks, results, strict=True) if not holds]


async def _not_yet() -> bool:
    return False


async def _holds(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), _CHECK_SECONDS)
    except Exception:
        return False


def build(health: Health) -> Starlette:
    """The web app: ``/livez`` answers while the process runs, ``/readyz`` while it can serve."""

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        missing = await health.missing()
        return PlainTextResponse(f"not ready: {', '.join(missing)}" if missing else "ok", 503 if missing else 200)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)])


class _Server(uvicorn.Server):
    """Leaves the signals to the bot."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(port: int, health: Health) -> AsyncIterator[None]:
    """Serves on this port of loopback; on 0 not at all."""
    if not port:
        yield
        return
    config = uvicorn.Config(build(health), _HOST, port, log_level="warning", access_log=False, lifespan="off")
    server = _Server(config)
    running = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await running
