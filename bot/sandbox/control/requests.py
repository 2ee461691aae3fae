"""Reading control calls and answering their errors in one form: `{"error": text}`."""

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.ticker import PriceError
from bot.sandbox.world import HookError

Json = dict[str, Any]
Answering = Callable[[Request], Awaitable[Any]]
Value = TypeVar("Value")
Part = TypeVar("Part")
#: Long polls of the control API wait no longer than this.
WAIT_LIMIT_SECONDS = 60.0


class ControlError(Exception):
    """A control call that cannot be done, with its HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def answering(call: Answering) -> Callable[[Request], Awaitable[Response]]:
    """Turns a function's result into JSON, and its refusals into an error answer."""

    @functools.wraps(call)
    async def endpoint(request: Request) -> Response:
        try:
            result = await call(request)
        except (ControlError, HookError) as error:
            return JSONResponse({"error": str(error)}, status_code=error.status)
        except ApiError as error:
            return JSONResponse({"error": error.description}, status_code=error.code)
        except PriceError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return result if isinstance(result, Response) else JSONResponse(result)

    return endpoint


def route(method: str, path: str, call: Callable[[Part, Request], Awaitable[Any]], part: Part) -> Route:
    """A route whose call is handed the part of the sandbox that it works on."""
    return Route(path, answering(functools.partial(call, part)), methods=[method])


async def body_of(request: Request) -> Json:
    """The JSON object of a call; an empty body is an empty object."""
    content = await request.body()
    try:
        body = json.loads(content) if content else {}
    except ValueError:
        raise ControlError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


def field(body: Json, name: str, kind: type[Value]) -> Value:
    """A field that must be there, of this type."""
    found = optional(body, name, kind)
    if found is None:
        raise ControlError(f'"{name}" is missing')
    return found


def optional(body: Json, name: str, kind: type[Value]) -> Value | None:
    """A field that may be missing, of this type when it is there; whole numbers may come as text."""
    value = body.get(name)
    if value is None:
        return None
    if kind is int and isinstance(value, str) and value.removeprefix("-").isdigit():
        value = int(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ControlError(f'"{name}" must be of type {kind.__name__}')
    return value


def number(request: Request, name: str, default: float = 0) -> float:
    """A number in the address, such as `after` or `wait`."""
    try:
        return float(request.query_params.get(name, default))
    except ValueError:
        raise ControlError(f'"{name}" must be a number') from None


def chat_id_of(request: Request) -> int:
    """The chat in the address."""
    text: str = request.path_params["chat"]
    if not text.removeprefix("-").isdigit():
        raise ControlError("there is no such chat", 404)
    return int(text)
