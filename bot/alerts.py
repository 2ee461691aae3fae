"""What the bot tells of its own accord, by the outbox: alarms in the chat of alerts, and the day's figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from bot.errors import alarm
from wallet_core.domain.errors import Refused, Unavailable
from wallet_core.ports import Ports
from wallet_core.use_cases.close_quiet_alerts import close_quiet_alerts
from wallet_core.use_cases.report_day import report_day
from wallet_core.use_cases.tell_alerts import tell_alerts

_LOG: Final = structlog.get_logger("bot.alerts")
#: Telegram takes 20 messages a minute into a group; one a round is as many.
_ALERT_SECONDS: Final = 3.0
_DAY_SECONDS: Final = 30.0


class Alerts:
    """Looks until it is cancelled. ``wake`` is called when something was put into the outbox."""

    def __init__(self, ports: Ports, wake: Callable[[], None]) -> None:
        self._ports = ports
        self._wake = wake

    async def run(self) -> None:
        """Both looks, each at its own pace; waits while the database is away."""
        await asyncio.gather(self._repeat(self._alerts, _ALERT_SECONDS), self._repeat(self._day, _DAY_SECONDS))

    async def _alerts(self) -> None:
        await close_quiet_alerts(self._ports)
        if await tell_alerts(self._ports):
            self._wake()

    async def _day(self) -> None:
        if await report_day(self._ports):
            self._wake()

    async def _repeat(self, look: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await look()
            except (Unavailable, Refused) as error:
                _LOG.warning("alerts_wait", error=str(error))
            except Exception as error:
                alarm(error)
            await asyncio.sleep(seconds)
