"""A small HTTP server on loopback: alive, ready and metrics for those who watch the bot, and the card webhook.

A reverse proxy may let the webhook's path through, and should let nothing else.
"""

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

from bot import card_webhook

_HOST: Final = "127.0.0.1"
_CHECK_SECONDS: Final = 3.0

Check = Callable[[], Awaitable[bool]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Health:
    """What the bot needs in order to serve people: each check by its name."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {"started": _not_yet}
        #: Takes the card company's events; None before the database answers, and where nobody could sign them.
        self.card_webhook: Endpoint | None = None

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

    async def webhook(request: Request) -> Response:
        return await health.card_webhook(request) if health.card_webhook else PlainTextResponse("not now", 503)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route(card_webhook.PATH, webhook, methods=["POST"]),
        ]
    )


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
