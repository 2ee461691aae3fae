"""The sandbox's web server: the Bot API, the control API, the ticker, the stand-in for Stripe and the page."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox import ticker
from bot.sandbox.control import card_company, faults, inline, messages, outside, people
from bot.sandbox.loopback import LoopbackOnly, is_loopback
from bot.sandbox.stripe import card_page
from bot.sandbox.stripe import server as stripe_server
from bot.sandbox.stripe.company import CardCompany
from bot.sandbox.telegram import server
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.webhook import deliver
from bot.sandbox.world import World

PAGE = Path(__file__).parent / "page"
#: Long polls end by themselves when the server stops; whatever else still runs then is cut off.
STOP_SECONDS = 1


def build(*, token: str, data_dir: Path, world: World) -> Starlette:
    """The app for one bot; its chats are kept in `data_dir`, which one app at a time may use."""
    telegram = Telegram(token, data_dir)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with _background(telegram), _card_company(world):
            yield

    routes = [
        *server.routes(telegram),
        *people.routes(telegram),
        *messages.routes(telegram),
        *inline.routes(telegram),
        *faults.routes(telegram),
        *outside.routes(world),
        *(ticker.routes(world.ticker) if isinstance(world.ticker, ticker.PriceBoard) else []),
        *(_card_routes(world.cards) if isinstance(world.cards, CardCompany) else []),
        Mount("/", StaticFiles(directory=PAGE, html=True)),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(LoopbackOnly)], lifespan=lifespan)
    app.state.telegram = telegram
    return app


def _card_routes(company: CardCompany) -> list[Route]:
    return [*stripe_server.routes(company), *card_page.routes(company), *card_company.routes(company)]


@contextlib.asynccontextmanager
async def _card_company(world: World) -> AsyncIterator[None]:
    if not isinstance(world.cards, CardCompany):
        yield
        return
    running = asyncio.create_task(world.cards.run())
    try:
        yield
    finally:
        world.cards.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextlib.asynccontextmanager
async def _background(telegram: Telegram) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(telegram.snapshot.keep(telegram.state)), asyncio.create_task(deliver(telegram))]
    try:
        yield
    finally:
        telegram.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        telegram.snapshot.save(telegram.state)


class _Server(uvicorn.Server):
    """Leaves the signals to the caller, and lets go of long polls before it waits for open requests."""

    def __init__(self, app: Starlette, started: asyncio.Event | None) -> None:
        super().__init__(
            uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=STOP_SECONDS)
        )
        self._telegram: Telegram = app.state.telegram
        self._up = started or asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._telegram.stop()
        await super().shutdown(sockets)


async def serve(app: Starlette, host: str, port: int, started: asyncio.Event | None = None) -> None:
    """Serves until it is cancelled; sets `started` when requests are taken.

    Raises ValueError for a host that is not this machine, and OSError when the port is taken.
    """
    if not is_loopback(host):
        raise ValueError("the sandbox binds to loopback addresses only")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        web_server = _Server(app, started)
        running = asyncio.create_task(web_server.serve(sockets=[listening]))
        try:
            await asyncio.shield(running)
        finally:
            web_server.should_exit = True
            await running
