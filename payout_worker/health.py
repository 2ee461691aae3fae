"""/livez, /readyz and /metrics on loopback: what a supervisor asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route


@dataclass
class Health:
    """What the worker knows of itself; ``waits_for`` is empty when it is ready."""

    waits_for: str = "start"


class _Server(uvicorn.Server):
    """Leaves the process's signals alone: they belong to ``signals.Stop``."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


@asynccontextmanager
async def serving(health: Health, port: int) -> AsyncIterator[None]:
    """Serves while the block runs; port 0 serves nothing."""
    if not port:
        yield
        return
    config = uvicorn.Config(_application(health), host="127.0.0.1", port=port, log_config=None, access_log=False)
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        server.force_exit = True
        await asyncio.wait({serving}, timeout=1)


def _application(health: Health) -> Starlette:
    async def alive(_request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def ready(_request: Request) -> Response:
        body = {"ready": not health.waits_for, "waits_for": health.waits_for}
        return JSONResponse(body, status_code=503 if health.waits_for else 200)

    async def figures(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", alive), Route("/readyz", ready), Route("/metrics", figures)])
