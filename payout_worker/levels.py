"""When the hot wallet's level is looked at, and what follows. See "The hot wallet's level" in ``docs/payouts.md``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import structlog

from payout_worker.failures import Failures
from payout_worker.ports import WorkerPorts
from payout_worker.steps.form_own import form_own
from payout_worker.tenure import Tenure
from payout_worker.watchers.level import watch_level
from wallet_core.domain.payout import Batch

log = structlog.get_logger(__name__)

#: Under which owners hear of a look that fails for long.
_ITEM: Final = "level"


class Levels:
    """Looks once in ``…_HOT_INTERVAL_SECONDS`` of the database's time, and at a start."""

    def __init__(self, ports: WorkerPorts, failures: Failures) -> None:
        self._ports = ports
        self._failures = failures
        self._interval = timedelta(seconds=ports.settings.hot(ports.asset).interval_seconds)
        self._next_look: datetime | None = None

    async def batches(self, tenure: Tenure) -> AsyncIterator[Batch]:
        """Forms batches of the hot wallet's own coins, if a look is due. Raises as ``Sweeping.batches`` does."""
        now = await self._ports.store.now()
        if self._failures.has_stopped(_ITEM) or (self._next_look is not None and now < self._next_look):
            return
        try:
            level = await watch_level(self._ports, tenure)
            async for batch in form_own(self._ports, tenure, level):
                yield batch
        except Exception as error:
            log.info("level_stays", asset=self._ports.asset, error=str(error))
            await self._failures.after(self._ports, tenure, _ITEM, error)
        else:
            self._failures.went_on(_ITEM)
        self._next_look = now + self._interval
