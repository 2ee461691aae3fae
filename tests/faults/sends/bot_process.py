"""``python -m bot`` that may be told to die at a posting of one kind, or while it delivers: ``WALLET_FAILPOINT``.

The bot itself has no failpoints. A point is named ``bot:<kind of posting>:before`` or ``:after``; killed *after*,
nobody but the database knows what was done. ``bot:delivery`` is a message that Telegram is about to get, or just got.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, cast

from bot import __main__, service
from bot.outbox import Outbox
from payout_worker.failpoints import VARIABLE
from wallet_core.ports import Ledger, Ports
from wallet_core.settings import Settings

_DELIVERY: Final = "delivery"
#: What the stories of the campaign have the bot post.
KINDS: Final = (
    "send_offered", "send_held", "claim_asked", "claimant_refused", "claimed", "send_taken_back", "request_opened",
    "sent", "recurring_proposed", "recurring_set_up",
)  # fmt: skip


def points() -> list[str]:
    """Every point that a story comes to."""
    return [f"bot:{what}:{when}" for what in (*KINDS, _DELIVERY) for when in ("before", "after")]


def main() -> int:
    """Runs the bot, which dies at its point."""
    wanted = os.environ.get(VARIABLE)
    if wanted is not None:
        killer = _killer(wanted)
        service.open_ports = _dying(service.open_ports, killer)
        Outbox._show = _delivering(Outbox._show, killer)  # type: ignore[method-assign]  # what else is a failpoint
    return __main__.main()


def _killer(wanted: str) -> Callable[[str], None]:
    def on_point(point: str) -> None:
        if f"bot:{point}" == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_point


def _dying(open_ports: Any, on_point: Callable[[str], None]) -> Any:
    @asynccontextmanager
    async def dying(settings: Settings) -> AsyncIterator[Ports]:
        async with open_ports(settings) as ports:
            yield replace(ports, ledger=cast("Ledger", _DyingLedger(ports.ledger, on_point)))

    return dying


class _DyingLedger:
    """Stands before the ledger."""

    def __init__(self, ledger: Ledger, on_point: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._on_point = on_point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def post(self, posting: Any) -> Any:
        """See ``ports.Ledger.post``."""
        self._on_point(f"{posting.kind}:before")
        receipt = await self._ledger.post(posting)
        self._on_point(f"{posting.kind}:after")
        return receipt


def _delivering(show: Any, on_point: Callable[[str], None]) -> Any:
    async def shown(self: Outbox, message: Any) -> Any:
        on_point(f"{_DELIVERY}:before")
        answer = await show(self, message)
        on_point(f"{_DELIVERY}:after")
        return answer

    return shown


if __name__ == "__main__":
    sys.exit(main())
