"""What becomes of an item whose step failed: the four kinds of error have four reactions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.ports import UnitPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable

log = structlog.get_logger(__name__)

#: So long may an item be refused, by the database's time, before the owners are told.
_PATIENCE: Final = timedelta(minutes=10)
#: Where many are refused for one reason, an empty hot wallet for instance, one of them is told in this time.
_BETWEEN_ALARMS: Final = timedelta(hours=1)


class LeaseLostError(Exception):
    """Another worker has begun a new epoch; this one stops at once and waits for the lease again."""


@dataclass(slots=True)
class _Wait:
    """An item that is refused again and again."""

    since: datetime
    told_on: date | None = None


@asynccontextmanager
async def alone(ports: UnitPorts, unit: str, item: str) -> AsyncIterator[None]:
    """What goes wrong with one of many keeps none of the others: it is looked at again as the turn comes to it.

    Raises ``Unavailable``, and ``Refused`` LEASE_LOST.
    """
    try:
        yield
    except Refused as refused:
        if refused.reason is Reason.LEASE_LOST:
            raise
        log.info("step_refused", unit=unit, item=item, reason=refused.reason, facts=refused.facts)
    except InvariantViolated as violation:
        metrics.ERRORS.labels(ports.asset, unit, type(violation).__name__).inc()
        log.critical("item_failed", unit=unit, item=item, error=str(violation))


class Failures:
    """Items that broke an invariant are stopped until the process is started again; all others go on."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._stopped: set[str] = set()
        self._waits: dict[str, _Wait] = {}
        self._told_at: dict[Reason, datetime] = {}

    def has_stopped(self, item: str) -> bool:
        """Whether the item is not to be touched any more by this process."""
        return item in self._stopped

    @property
    def stopped(self) -> int:
        """How many items were stopped."""
        return len(self._stopped)

    def went_on(self, item: str) -> None:
        """The item was not refused this time."""
        self._waits.pop(item, None)

    async def after(self, ports: UnitPorts, tenure: Tenure, item: str, error: Exception) -> None:
        """Raises ``LeaseLostError`` or ``Unavailable`` where nothing else can go on either."""
        metrics.ERRORS.labels(ports.asset, self._unit, type(error).__name__).inc()
        if isinstance(error, Unavailable):
            raise error
        if isinstance(error, Refused):
            if error.reason is Reason.LEASE_LOST:
                raise LeaseLostError from error
            # It changed under us, or waits for something: the next pass looks at it anew.
            say = log.debug if error.reason is Reason.RAIL_OFF else log.info
            say("step_refused", unit=self._unit, item=item, reason=error.reason, facts=error.facts)
            if error.reason is not Reason.RAIL_OFF:
                await self._wait(ports, tenure, item, error.reason)
            return
        await self._stop(ports, tenure, item, error)

    async def _wait(self, ports: UnitPorts, tenure: Tenure, item: str, reason: Reason) -> None:
        """Owners hear of an item that waits for long, whatever for, on each day: nobody else may ever look at it."""
        now = await ports.store.now()
        wait = self._waits.setdefault(item, _Wait(now))
        told_at = self._told_at.get(reason)
        is_told = wait.told_on == now.date() or (told_at is not None and now < told_at + _BETWEEN_ALARMS)
        if is_told or now < wait.since + _PATIENCE:
            return
        await raise_alarm(ports, tenure, "item_waits", f"{item}: {reason.value}", freeze=False, daily=True)
        wait.told_on, self._told_at[reason] = now.date(), now

    async def _stop(self, ports: UnitPorts, tenure: Tenure, item: str, error: Exception) -> None:
        self._stopped.add(item)
        log.critical("item_stopped", unit=self._unit, item=item, exc_info=error)
        await raise_alarm(ports, tenure, "item_stopped", item, freeze=False, daily=True)
