"""Failures on request: `/sim/faults`."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.control.requests import ControlError, body_of, field, optional, route
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.methods import BY_LOWER_NAME
from bot.sandbox.telegram.service import Telegram

Json = dict[str, Any]


def routes(telegram: Telegram) -> list[Route]:
    """The routes of this module."""
    return [
        route("POST", "/sim/faults", order, telegram),
        route("GET", "/sim/faults", show, telegram),
        route("DELETE", "/sim/faults", clear, telegram),
    ]


async def order(telegram: Telegram, request: Request) -> list[Json]:
    """POST /sim/faults: the next calls of a method fail."""
    telegram.faults.order(_fault(await body_of(request)))
    return _pending(telegram)


async def show(telegram: Telegram, request: Request) -> list[Json]:
    """GET /sim/faults: what is still to come."""
    return _pending(telegram)


async def clear(telegram: Telegram, request: Request) -> list[Json]:
    """DELETE /sim/faults: nothing fails any more."""
    telegram.faults.clear()
    return []


def _pending(telegram: Telegram) -> list[Json]:
    return [vars(fault) for fault in telegram.faults.pending()]


def _fault(body: Json) -> Fault:
    method = field(body, "method", str)
    if method != "*" and method.lower() not in BY_LOWER_NAME:
        raise ControlError(f"there is no method {method}")
    code, times = field(body, "error_code", int), optional(body, "times", int)
    if not 400 <= code <= 599:
        raise ControlError('"error_code" must be from 400 to 599')
    return Fault(
        method=method,
        error_code=code,
        times=1 if times is None else times,
        retry_after=optional(body, "retry_after", int),
        description=optional(body, "description", str),
        applied=bool(optional(body, "applied", bool)),
        chat=optional(body, "chat", int),
    )
