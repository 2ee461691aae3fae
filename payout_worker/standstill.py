"""How long nothing can be formed on a rail, and what for: the log has it at once, the owners when it lasts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Refused

log = structlog.get_logger(__name__)

#: Fees often fall again within the hour.
_PATIENCE: Final = timedelta(hours=1)
#: Whoever paused the rail, or left an alarm on it, knows.
_KNOWN: Final = "rail"


class Standstill:
    """Begins with a refusal; ends when a batch is formed, the reason is another one, or nobody waits any more."""

    def __init__(self) -> None:
        self._waits_for: str | None = None
        self._since: datetime | None = None
        self._told_on: date | None = None

    def end(self) -> None:
        """Batches can be formed."""
        self._waits_for = self._since = None

    async def goes_on(self, ports: WorkerPorts, tenure: Tenure, refused: Refused, waiting: int) -> None:
        """Nothing could be formed; so many payouts wait. Owners hear of what lasts, once on each day."""
        waits_for = str(refused.facts.get("waits_for"))
        if waits_for != self._waits_for:
            log.warning("nothing_is_formed", asset=ports.asset, **refused.facts)
            self._waits_for, self._since = waits_for, None
        now = await ports.store.now()
        if self._since is None or not waiting or waits_for == _KNOWN:
            self._since, self._told_on = now, None
        elif self._told_on != now.date() and now >= self._since + _PATIENCE:
            subject = f"{ports.asset}: {waits_for}"
            await raise_alarm(ports, tenure, "nothing_is_formed", subject, freeze=False, daily=True)
            self._told_on = now.date()
