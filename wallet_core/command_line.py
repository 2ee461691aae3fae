"""What the commands of ``wallet`` share: the ports, expected errors as one line, JSON or lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from wallet_core.bootstrap import open_ports
from wallet_core.domain.errors import Refused, Unavailable, WalletError
from wallet_core.ports import Ports
from wallet_core.settings import Settings

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


async def with_ports(work: Callable[[Ports], Awaitable[T]]) -> T:
    """Does the work with the real ports of this machine's settings."""
    async with open_ports(Settings()) as ports:
        return await work(ports)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs the command; an expected error is one line, not a traceback."""
    try:
        return asyncio.run(work)
    except Refused as refused:
        err.print(f"refused: {refused.reason} {refused.facts or ''}", markup=False)
    except Unavailable as unavailable:
        err.print(f"not now: {unavailable}", markup=False)
    except FileNotFoundError as missing:
        err.print(f"missing: {missing.filename} - make the keys with `wallet keys new`", markup=False)
    except WalletError as broken:
        err.print(f"stopped: {broken}", markup=False)
    raise typer.Exit(1)


def print_result(result: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """The result for a program, or the lines for a person."""
    if as_json:
        out.print_json(json.dumps(result, default=str))
        return
    for line in lines():
        out.print(line, markup=False, highlight=False)
