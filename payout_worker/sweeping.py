"""When deposits are looked through for what is worth moving to a wallet of our own. See ``docs/payouts.md``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import structlog

from payout_worker.failures import Failures
from payout_worker.ports import WorkerPorts
from payout_worker.steps.form_sweep import form_sweeps
from payout_worker.tenure import Tenure
from wallet_core.domain.payout import Batch
from wallet_core.domain.sweep import SweepTo

log = structlog.get_logger(__name__)

#: Under which owners hear of a look that fails for long.
_ITEM: Final = "sweeping"


class Sweeping:
    """Looks once in ``…_SWEEP_INTERVAL_SECONDS`` of the database's time, and at a start. What waits, waits."""

    def __init__(self, ports: WorkerPorts, failures: Failures) -> None:
        self._ports = ports
        self._failures = failures
        self._settings = ports.settings.sweep(ports.asset)
        self._next_look: datetime | None = None

    async def batches(self, tenure: Tenure) -> AsyncIterator[Batch]:
        """Forms sweeps, if a look is due. Raises ``Unavailable`` and ``LeaseLostError``."""
        now = await self._ports.store.now()
        if self._settings.to is SweepTo.OFF or self._failures.has_stopped(_ITEM):
            return
        if self._next_look is not None and now < self._next_look:
            return
        try:
            async for batch in form_sweeps(self._ports, tenure):
                yield batch
        except Exception as error:
            log.info("nothing_is_swept", asset=self._ports.asset, error=str(error))
            await self._failures.after(self._ports, tenure, _ITEM, error)
        else:
            self._failures.went_on(_ITEM)
        self._next_look = now + timedelta(seconds=self._settings.interval_seconds)
