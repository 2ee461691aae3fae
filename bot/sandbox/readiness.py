"""Knowing that the bot and the worker are really up, not merely started."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.processes import Supervisor

TIMEOUT_SECONDS = 90.0
_POLL_SECONDS = 0.1
_LOG_LINES = 12
#: Made once: all authorities are read for it, at every look otherwise.
_TLS = ssl.create_default_context()

Check = Callable[[], Awaitable[bool]]


class NotReadyError(RuntimeError):
    """A process ended, or did not become ready in time; the message has the end of its log."""


class PollWatch:
    """Notices the bot's first getUpdates: from then on it hears what people write."""

    def __init__(self, app: ASGIApp, seen: asyncio.Event) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Looks at the address and hands the request on."""
        if scope["type"] == "http" and scope["path"].lower().endswith("/getupdates"):
            self._seen.set()
        await self._app(scope, receive, send)


async def answers(url: str) -> bool:
    """True if this address answers with 200."""
    async with httpx.AsyncClient(timeout=2.0, trust_env=False, verify=_TLS) as http:
        try:
            return (await http.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


async def wait_until(name: str, check: Check, processes: Supervisor) -> None:
    """Waits for a process's check; raises `NotReadyError` when it ends, or after 90 seconds."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not await check():
        if not processes.is_running(name):
            raise NotReadyError(f"{name} ended before it was ready\n{_end_of_log(name, processes)}")
        if time.monotonic() > deadline:
            raise NotReadyError(f"{name} is not ready after {TIMEOUT_SECONDS:g} s\n{_end_of_log(name, processes)}")
        await asyncio.sleep(_POLL_SECONDS)


def _end_of_log(name: str, processes: Supervisor) -> str:
    log = processes.log_of(name)
    lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
    return "\n".join([f"the end of {log}:", *(f"  {line}" for line in lines)])
