"""``POST /stripe/webhook``: an event is written down as a hint for the worker, once, and nothing else comes of it.

The bot has no key for Stripe, and believes nothing of what an event says: the worker fetches what it is about. Without
a public address no event comes here, and the worker learns of it by asking.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from wallet_core.domain.card import EVENT_KINDS, CardEvent, EventSeen, event_record, event_seen, mode_name
from wallet_core.domain.card_signature import is_genuine
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports

PATH: Final = "/stripe/webhook"
_LOG: Final = structlog.get_logger("bot.card_webhook")
#: Far more than any event that Stripe sends.
_MOST_BYTES: Final = 1_000_000
#: Who sends a byte now and then holds nobody up.
_BODY_SECONDS: Final = 10.0


def endpoint(ports: Ports) -> Callable[[Request], Awaitable[Response]]:
    """The route's function. Stripe sends again what is not answered with a 2xx, for days."""

    async def receive(request: Request) -> Response:
        try:
            raw = await _body(request)
        except TimeoutError:
            return PlainTextResponse("too slow", 408)
        except ClientDisconnect:
            return PlainTextResponse("not an event", 400)
        if raw is None:
            return PlainTextResponse("too large", 413)
        try:
            return await _note(ports, raw, request.headers.get("stripe-signature", ""))
        except Unavailable as error:
            _LOG.warning("webhook_waits", error=str(error))
            return PlainTextResponse("try again later", 503)

    return receive


async def _body(request: Request) -> bytes | None:
    """The raw bytes, as they were signed; None for more than any event has. Raises ``TimeoutError``."""
    raw = bytearray()
    async with asyncio.timeout(_BODY_SECONDS):
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > _MOST_BYTES:
                return None
    return bytes(raw)


async def _note(ports: Ports, raw: bytes, signature: str) -> Response:
    secret = ports.settings.stripe_webhook_secret.get_secret_value()
    if not is_genuine(raw, signature, secret, await ports.store.now()):
        _LOG.warning("webhook_refused", why="signature")
        return PlainTextResponse("the signature does not fit", 400)
    try:
        event = event_seen(_parsed(raw))
    except ValueError:
        return PlainTextResponse("not an event", 400)
    if not await _is_of_our_mode(ports, event):
        _LOG.warning("webhook_refused", why="mode", live=event.live)
        return PlainTextResponse("of another mode", 400)
    if event.kind in EVENT_KINDS and await ports.store.get(CardEvent, event.id) is None:
        await ports.store.put(event_record(event))
        _LOG.info("webhook", id=event.id, kind=event.kind)
    return PlainTextResponse("ok")


def _parsed(raw: bytes) -> dict[str, object]:
    """The JSON object. Raises ``ValueError``, also for what is nested too deeply for Python's parser."""
    try:
        body = json.loads(raw)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(body, dict):
        raise ValueError("it is no object")
    return body


async def _is_of_our_mode(ports: Ports, event: EventSeen) -> bool:
    """The worker knows from its key whether money is real, and has noted it on the rail."""
    rail = await ports.store.get(Rail, Asset.USD)
    return rail is not None and rail.genesis is not None and rail.genesis.endswith(f":{mode_name(event.live)}")
