"""The HTTP side of the Bot API: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import hmac
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.telegram.methods import BY_LOWER_NAME
from bot.sandbox.telegram.parameters import read_parameters
from bot.sandbox.telegram.service import Telegram


def routes(telegram: Telegram) -> list[Route]:
    """The two addresses of the Bot API."""

    async def method(request: Request) -> Response:
        try:
            _check_token(telegram, request)
            result = await _call(telegram, request)
        except ApiError as error:
            return JSONResponse(error.envelope(), status_code=error.code)
        return JSONResponse({"ok": True, "result": result})

    async def file(request: Request) -> Response:
        try:
            _check_token(telegram, request)
        except ApiError as error:
            return JSONResponse(error.envelope(), status_code=error.code)
        return _file(telegram, request.path_params["path"])

    return [
        Route("/bot{token}/{method}", method, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", file, methods=["GET"]),
    ]


def _check_token(telegram: Telegram, request: Request) -> None:
    token = request.path_params["token"]
    if not hmac.compare_digest(token.encode(), telegram.token.encode()):
        raise ApiError(401, "Unauthorized")


async def _call(telegram: Telegram, request: Request) -> Any:
    known = BY_LOWER_NAME.get(request.path_params["method"].lower())
    if not known:
        raise ApiError(404, "Not Found: method not found")
    name, method = known
    call = await read_parameters(request)
    fault = telegram.faults.take(name, call.text("chat_id"))
    if fault and not fault.applied:
        raise fault.error()
    result = await method(telegram, call)
    if fault:
        raise fault.error()
    return result


def _file(telegram: Telegram, path: str) -> Response:
    facts = telegram.files.by_path(path)
    if not facts:
        return JSONResponse(ApiError(404, "Not Found").envelope(), status_code=404)
    return FileResponse(telegram.files.location(facts), media_type="application/octet-stream")
