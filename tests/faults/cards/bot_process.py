"""``python -m bot`` that may be told to die while it takes a webhook: ``WALLET_FAILPOINT`` is one of ``points()``.

The bot itself has no failpoints. The calls are found in the source of its webhook, so that none can be forgotten.
"""

from __future__ import annotations

import ast
import inspect
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response

from bot import __main__, card_webhook
from payout_worker.failpoints import VARIABLE
from wallet_core.ports import Ports, Store

_MODULE: Final = "card_webhook"
#: The whole of a delivery: it has come, and its answer is ready.
_DELIVERY: Final = "delivery"

_Made = Callable[[Ports], Callable[[Request], Awaitable[Response]]]


def points() -> list[str]:
    """Every point of a webhook's handling; the n-th call of the same method is ``#n``."""
    calls: list[str] = [_DELIVERY]
    for node in ast.walk(ast.parse(inspect.getsource(card_webhook))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "store":
            calls.append(f"store.{node.attr}")
    named = [f"{_MODULE}:{call}:{when}" for call in dict.fromkeys(calls) for when in ("before", "after")]
    again = [f"{_MODULE}:{call}:{when}#2" for call in dict.fromkeys(calls) for when in ("before", "after")]
    return named + [point for point in again if calls.count(point.split(":")[1]) > 1]


def main() -> int:
    """Runs the bot, which dies at its point."""
    wanted = os.environ.get(VARIABLE)
    if wanted is not None:
        dying = _dying(card_webhook.endpoint, _Killer(wanted))
        card_webhook.endpoint = dying  # type: ignore[assignment]  # the parameter has another name
    return __main__.main()


class _Killer:
    """SIGKILL of this very process at the n-th hit of one point."""

    def __init__(self, wanted: str) -> None:
        self._point, _, nth = wanted.partition("#")
        self._left = int(nth or "1")

    def __call__(self, point: str) -> None:
        if f"{_MODULE}:{point}" == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class _DyingStore:
    """Stands before the store."""

    def __init__(self, store: Store, on_point: Callable[[str], None]) -> None:
        self._store = store
        self._on_point = on_point

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def called(*args: Any) -> Any:
            self._on_point(f"store.{name}:before")
            answer = await getattr(self._store, name)(*args)
            self._on_point(f"store.{name}:after")
            return answer

        return called


def _dying(endpoint: _Made, on_point: Callable[[str], None]) -> _Made:
    def made(ports: Ports) -> Callable[[Request], Awaitable[Response]]:
        receive = endpoint(replace(ports, store=cast("Store", _DyingStore(ports.store, on_point))))

        async def dying(request: Request) -> Response:
            on_point(f"{_DELIVERY}:before")
            answer = await receive(request)
            on_point(f"{_DELIVERY}:after")
            return answer

        return dying

    return made
