"""Keeps other sites out: a page elsewhere must not reach the sandbox through the person's browser."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class LoopbackOnly:
    """Refuses a foreign Host (DNS rebinding) and a write whose Origin is another one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on, or answers 403."""
        reason = _refusal(scope) if scope["type"] == "http" else None
        if not reason:
            await self._app(scope, receive, send)
            return
        await JSONResponse({"error": reason}, status_code=403)(scope, receive, send)


def _refusal(scope: Scope) -> str | None:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not is_loopback(urlsplit(f"//{host}").hostname or ""):
        return "the sandbox answers on this machine only"
    origin = headers.get("origin")
    if scope["method"] not in SAFE_METHODS and origin is not None and origin.lower() != f"http://{host}".lower():
        return "another site may not write here"
    return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
