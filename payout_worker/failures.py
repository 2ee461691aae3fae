"""What becomes of an item whose step failed: the four kinds of error have four reactions."""

from __future__ import annotations

from collections import Counter
from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Reason, Refused, Unavailable

log = structlog.get_logger(__name__)


_ALARMING: Final = (Reason.HOT_WALLET_SHORT, Reason.NODE_UNCLEAR)
#: Passes that an item may wait before its owners are told.
_ALARM_AFTER: Final = 30


class LeaseLostError(Exception):
    """Another worker has begun a new epoch; this one stops at once and waits for the lease again."""


class Failures:
    """Items that broke an invariant are stopped until the process is started again; all others go on."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._stopped: set[str] = set()
        #: How often an item had to wait for something of its own.
        self._waits: Counter[str] = Counter()

    def has_stopped(self, item: str) -> bool:
        """Whether the item is not to be touched any more by this process."""
        return item in self._stopped

    async def after(self, ports: WorkerPorts, tenure: Tenure, item: str, error: Exception) -> None:
        """Raises ``LeaseLostError`` or ``Unavailable`` where nothing else can go on either."""
        metrics.ERRORS.labels(self._unit, type(error).__name__).inc()
        if isinstance(error, Unavailable):
            raise error
        if isinstance(error, Refused):
            if error.reason is Reason.LEASE_LOST:
                raise LeaseLostError from error
            # It changed under us, or waits for the rail: the next pass looks at it anew.
            say = log.debug if error.reason is Reason.RAIL_OFF else log.info
            say("step_refused", unit=self._unit, item=item, reason=error.reason, facts=error.facts)
            await self._count_wait(ports, tenure, item, error)
            return
        await self._stop(ports, tenure, item, error)

    async def _count_wait(self, ports: WorkerPorts, tenure: Tenure, item: str, refused: Refused) -> None:
        """Owners hear of a hot wallet that is too empty, and of a payout that nobody can judge."""
        if refused.reason not in _ALARMING:
            return
        self._waits[item] += 1
        if self._waits[item] == _ALARM_AFTER:
            await raise_alarm(ports, tenure, refused.reason.value, item, freeze=False)

    async def _stop(self, ports: WorkerPorts, tenure: Tenure, item: str, error: Exception) -> None:
        self._stopped.add(item)
        log.critical("item_stopped", unit=self._unit, item=item, exc_info=error)
        await raise_alarm(ports, tenure, "item_stopped", item, freeze=False)
