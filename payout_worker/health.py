"""/livez, /readyz and /metrics on loopback: what a supervisor asks.

Alive is a process whose loops come round; whoever waits for a server comes round while it waits. Ready is one that has
all it needs. They differ: a restart mends the first, and does nothing for the second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wallet_core.domain.money import Asset

#: Something that raises, with words for a person, while a part is not well.
Ask = Callable[[], Awaitable[object]]

WELL: Final = "ok"
_ANSWER_SECONDS: Final = 2.0


@dataclass
class Health:
    """What the worker knows of itself: when its loops came round last, and what each part of it waits for."""

    #: A loop that has not come round for so long is stuck.
    stuck_seconds: float = 300.0
    _turns: dict[str, float] = field(default_factory=dict, init=False)
    _parts: dict[str, str | Ask] = field(default_factory=dict, init=False)

    @contextmanager
    def loop(self, name: str) -> Iterator[Callable[[], None]]:
        """A loop that lives as long as the block; it calls what it gets here at every turn."""

        def came_round() -> None:
            self._turns[name] = time.monotonic()

        came_round()
        try:
            yield came_round
        finally:
            del self._turns[name]

    def note(self, part: str, says: str) -> None:
        """How a part is from now on: ``WELL``, or what it waits for."""
        self._parts[part] = says

    def note_lease(self, asset: Asset, says: str) -> None:
        """How a chain's lease is: held (``WELL``), or why not."""
        self.note(f"{asset} lease", says)

    def ask(self, part: str, question: Ask) -> None:
        """How a part is will be asked whenever somebody wants to know."""
        self._parts[part] = question

    def ask_node(self, asset: Asset, question: Ask) -> None:
        """How a chain's node is will be asked."""
        self.ask(f"{asset} node", question)

    def ages(self) -> dict[str, float]:
        """Seconds since each loop came round."""
        now = time.monotonic()
        return {name: round(now - turn, 3) for name, turn in sorted(self._turns.items())}

    def noted(self) -> dict[str, str]:
        """How the parts said that they are; those that would have to be asked are left out."""
        return {name: says for name, says in self._parts.items() if isinstance(says, str)}

    async def parts(self) -> dict[str, str]:
        """How each part is now."""
        # While they are asked, another part may come.
        parts = dict(self._parts)
        says = await asyncio.gather(*(_said(part) for part in parts.values()))
        return dict(zip(parts, says, strict=True))


async def _said(part: str | Ask) -> str:
    if isinstance(part, str):
        return part
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await part()
    except TimeoutError:
        return f"no answer within {_ANSWER_SECONDS:g} s"
    except Exception as error:
        return str(error) or type(error).__name__
    return WELL


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
    # Without start and end of its own: a forced exit would leave uvicorn's task of them pending for ever.
    application = _application(health)
    config = uvicorn.Config(application, "127.0.0.1", port, log_config=None, access_log=False, lifespan="off")
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
        ages = health.ages()
        stuck = [loop for loop, age in ages.items() if age > health.stuck_seconds]
        body = {"alive": not stuck, "stuck": stuck, "seconds_since_turn": ages}
        return JSONResponse(body, status_code=503 if stuck else 200)

    async def ready(_request: Request) -> Response:
        parts = await health.parts()
        is_ready = all(says == WELL for says in parts.values())
        return JSONResponse({"ready": is_ready, "parts": parts}, status_code=200 if is_ready else 503)

    async def figures(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", alive), Route("/readyz", ready), Route("/metrics", figures)])
