"""Points at which a fault campaign kills this process: before and after every port call in ``steps``, ``watchers``,
``families``, ``cards`` and ``mass``.

A point is named ``<module>:<port>.<method>:before`` or ``:after``; killed *after* a call, its answer is lost. The names
are found in the source, so that no call can be forgotten. Nothing of this is in the way of a worker unless
``WALLET_FAILPOINT`` is set, and a worker in production refuses to start with it.
"""

from __future__ import annotations

import ast
import inspect
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeGuard, TypeVar

from payout_worker.ports import UnitPorts
from wallet_core.domain.errors import InvariantViolated
from wallet_core.settings import Environment, Settings

VARIABLE: Final = "WALLET_FAILPOINT"
#: The folders whose port calls are points, and the ports.
_FOLDERS: Final = ("steps", "watchers", "families", "cards", "mass")
_PORTS: Final = ("ledger", "store", "vault", "rates", "node", "signer", "cards")

P = TypeVar("P", bound=UnitPorts)

OnPoint = Callable[[str], None]


def refuse_in_production(settings: Settings) -> None:
    """Raises ``InvariantViolated`` where a killed worker would be no test."""
    if VARIABLE in os.environ and settings.wallet_env is Environment.PRODUCTION:
        raise InvariantViolated(f"{VARIABLE} is set in production")


def declared() -> list[str]:
    """Every point, as the source has them."""
    here = Path(__file__).parent
    calls = {call for folder in _FOLDERS for file in (here / folder).glob("*.py") for call in _calls(file)}
    return sorted(f"{call}:{when}" for call in calls for when in ("before", "after"))


def _calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute) and _is_port(node.value):
            port = node.value.attr
            if node.attr != "address":
                yield f"{file.stem}:{port}.{node.attr}"


def _is_port(node: ast.AST) -> TypeGuard[ast.Attribute]:
    """``ports.<port>``, under whatever name the bundle's attribute is reached."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _PORTS
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr).lstrip("_") == "ports"
    )


def armed(ports: P) -> P:
    """The same ports, or with ``WALLET_FAILPOINT`` set to ``name`` or ``name#n`` ones that kill at its n-th hit.

    Raises ``InvariantViolated`` for a name that the source does not have.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return ports
    name, _, nth = wanted.partition("#")
    if name not in declared():
        raise InvariantViolated(f"{VARIABLE}: there is no point {name}")
    return watched(ports, _Killer(name, int(nth or "1")))


def watched(ports: P, on_point: OnPoint) -> P:
    """The same ports, telling of every point that is passed."""
    proxies: dict[str, Any] = {
        port: _Proxy(port, getattr(ports, port), on_point) for port in _PORTS if hasattr(ports, port)
    }
    return replace(ports, **proxies)


class _Killer:
    """SIGKILL of this very process at the n-th hit of one point."""

    def __init__(self, name: str, nth: int) -> None:
        self._name = name
        self._left = nth

    def __call__(self, point: str) -> None:
        if point != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class _Proxy:
    """Stands before a port and tells of the calls that come out of those folders."""

    def __init__(self, port: str, behind: object, on_point: OnPoint) -> None:
        self._port = port
        self._behind = behind
        self._on_point = on_point

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._behind, name)
        if not callable(attribute):
            return attribute
        module = _calling_module()
        if module is None:
            return attribute
        return self._told(f"{module}:{self._port}.{name}", attribute)

    def _told(self, call: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            self._on_point(f"{call}:before")
            result = method(*args, **kwargs)
            if inspect.isawaitable(result):
                return self._finished(call, result)
            self._on_point(f"{call}:after")
            return result

        return called

    async def _finished(self, call: str, result: Awaitable[Any]) -> Any:
        answer = await result
        self._on_point(f"{call}:after")
        return answer


def _calling_module() -> str | None:
    """The module of those folders that reached for the port, if it was one of theirs."""
    package, _, module = sys._getframe(2).f_globals["__name__"].rpartition(".")
    return module if package.rpartition(".")[2] in _FOLDERS else None
