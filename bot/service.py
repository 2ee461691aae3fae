"""The bot's life: waits for what it needs, serves, and ends cleanly on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from telegram.error import NetworkError, TelegramError

from bot import card_webhook, commands, web
from bot.alerts import Alerts
from bot.app import ALLOWED_UPDATES, AnyApplication, build
from bot.chats import Chats
from bot.passing import Sweeper
from bot.shown_documents import Tidying
from bot.tending import tend
from wallet_core.bootstrap import key_parts_of_bot, open_ports
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.health import WELL
from wallet_core.ports import Ports
from wallet_core.settings import Environment, Settings
from wallet_core.use_cases.beat_for_ever import beat_for_ever
from wallet_core.use_cases.key_registers import keys_stand

T = TypeVar("T")

_LOG: Final = structlog.get_logger("bot")
_RETRY_SECONDS: Final = 2.0


async def run(settings: Settings) -> None:
    """Serves until a signal comes. Raises what makes serving impossible, such as an invalid token."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving, stopping = asyncio.create_task(serve(settings)), asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if stop.is_set():
        _LOG.info("stopping")
        serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    _LOG.info("stopped")


async def serve(settings: Settings) -> None:
    """Serves until it is cancelled; then finishes what it is doing."""
    async with AsyncExitStack() as stack:
        health = web.Health()
        await stack.enter_async_context(web.serving(settings.bot_health_port, health))
        ports = await stack.enter_async_context(open_ports(settings))
        await persist("MongoDB", ports.store.now)
        await persist("MongoDB", partial(_look_at_keys, ports))
        if settings.stripe_webhook_secret.get_secret_value():
            health.card_webhook = card_webhook.endpoint(ports)
        application = await stack.enter_async_context(serving_bot(ports))
        health.checks = _checks(ports, application)
        await stack.enter_async_context(_running(beat_for_ever(ports.store, "bot", _name(), _parts(health))))
        _LOG.info("ready", bot=application.bot.username)
        await asyncio.Event().wait()


async def _look_at_keys(ports: Ports) -> None:
    """In production other keys than were registered are told to the owners; the worker pays nothing with its own."""
    if ports.settings.wallet_env is Environment.SANDBOX:
        return
    if not await keys_stand(ports, key_parts_of_bot(ports.settings.wallet_keys_dir)):
        _LOG.critical("keys_changed")


@asynccontextmanager
async def serving_bot(ports: Ports) -> AsyncIterator[AnyApplication]:
    """A bot that takes updates and delivers the outbox, until the context ends."""
    application, outbox = build(ports)
    tidying = Tidying(ports, Chats(application.bot, ports.store, patient=False))
    sweeper = Sweeper(ports, Chats(application.bot, ports.store, patient=False))
    async with (
        _connected(application),
        _running(outbox.run()),
        _running(tidying.run()),
        _running(sweeper.run()),
        _running(tend(ports, outbox.wake)),
        _running(Alerts(ports, outbox.wake).run()),
    ):
        await commands.announce(application.bot, ports)
        yield application


async def persist(what: str, attempt: Callable[[], Awaitable[T]]) -> T:
    """Tries until it works, and says what is waited for."""
    while True:
        try:
            return await attempt()
        except (Unavailable, NetworkError, OSError) as error:
            _LOG.warning(f"waiting for {what}", error=str(error), again_in_seconds=_RETRY_SECONDS)
            await asyncio.sleep(_RETRY_SECONDS)


@asynccontextmanager
async def _connected(application: AnyApplication) -> AsyncIterator[None]:
    """Polls Telegram; on the way out no new update is taken and those that were taken are answered."""
    updater = application.updater
    assert updater is not None  # noqa: S101 - the builder makes one unless it is told not to
    await persist("Telegram", application.initialize)
    try:
        await application.start()
        await updater.start_polling(
            allowed_updates=ALLOWED_UPDATES, bootstrap_retries=-1, error_callback=_polling_failed
        )
        yield
    finally:
        if updater.running:
            await updater.stop()
        if application.running:
            await application.stop()
        await application.shutdown()


def _polling_failed(error: TelegramError) -> None:
    _LOG.warning("waiting for Telegram", error=str(error))


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Something that goes on for ever beside what the block does."""
    running = asyncio.create_task(work)
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _name() -> str:
    """Which of several bots this is."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _parts(health: web.Health) -> Callable[[], Awaitable[dict[str, str]]]:
    async def parts() -> dict[str, str]:
        missing = await health.missing()
        return {name: "not ready" if name in missing else WELL for name in health.checks}

    return parts


def _checks(ports: Ports, application: AnyApplication) -> dict[str, web.Check]:
    async def database() -> bool:
        return bool(await ports.store.now())

    async def telegram() -> bool:
        return bool(application.updater and application.updater.running)

    return {"MongoDB": database, "Telegram": telegram}
