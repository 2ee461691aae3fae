"""Failures on request: `/sim/faults`."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.control.requests import ControlError, answering, body_of, field, optional
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.methods import BY_LOWER_NAME
from bot.sandbox.telegram.service import Telegram

Json = dict[str, Any]


def routes(telegram: Telegram) -> list[Route]:
    """The routes of this module."""

    async def order(request: Request) -> list[Json]:
        telegram.faults.order(_fault(await body_of(request)))
        return _pending(telegram)

    async def show(request: Request) -> list[Json]:
        return _pending(telegram)

    async def clear(request: Request) -> list[Json]:
        telegram.faults.clear()
        return []

    return [
        Route("/sim/faults", answering(order), methods=["POST"]),
        Route("/sim/faults", answering(show), methods=["GET"]),
        Route("/sim/faults", answering(clear), methods=["DELETE"]),
    ]


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
