"""The sandbox's stand-in for Stripe on a free port, in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.sandbox.stripe import card_page
from bot.sandbox.stripe.company import CardCompany
from bot.sandbox.stripe.server import MOUNT, routes

KEY = "sk_test_of_the_tests"
_Json = dict[str, Any]


@dataclass
class Company:
    """The stand-in, and where it is; ``STRIPE_API_BASE`` is ``address``."""

    company: CardCompany
    address: str

    async def act(self, session: str, action: str, **body: Any) -> _Json:
        """What a person, a bank or the company does: ``pay``, ``dispute``, ``refund``, and so on."""
        return await self.company.act(session, action, body)

    def table(self, name: str) -> list[_Json]:
        """All objects of a kind, the oldest first."""
        return list(self.company.state.table(name).values())

    def change(self, name: str, key: str, **facts: Any) -> None:
        """Makes an object say something else, as if it were somebody else's."""
        self.company.state.change(name, key, **facts)
        self.company.state.commit()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def open_company(folder: Path, clock: Callable[[], float] = time.time) -> AsyncIterator[Company]:
    """Serves while the block runs, with what its folder remembers."""
    company = CardCompany(folder, api_key=KEY, clock=clock)
    app = Starlette(routes=[*routes(company), *card_page.routes(company)])
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    server = _Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    running = asyncio.create_task(company.run())
    try:
        yield Company(company, f"http://127.0.0.1:{port}{MOUNT}")
    finally:
        company.stop()
        running.cancel()
        server.should_exit = True
        await asyncio.gather(running, serving, return_exceptions=True)
