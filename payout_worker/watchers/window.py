"""Keeps the window of watched deposit addresses ahead of the ones that are allotted.

An Ethereum node answers for any address, so nothing has to be imported; the window is the worker's promise that it
looks at them. Without a worker the window is used up after a while, and the bot says that the rail is off.
"""

from __future__ import annotations

from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Advance
from wallet_core.domain.purchase import Rail

log = structlog.get_logger(__name__)

_AHEAD: Final = 1_000


async def widen_window(ports: WorkerPorts, tenure: Tenure) -> None:
    """Raises ``Rail.watched_through`` to 1,000 above the next index once half of that is used up."""
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None or rail.watched_through >= rail.next_index + _AHEAD // 2:
        return
    through = rail.next_index + _AHEAD
    widened = Advance(Rail, ports.asset, "watched_through", rail.watched_through, through)
    await ports.ledger.post(tenure.posting("window_widened", ports.asset, widened, facts={"through": through}))
    log.info("window_widened", asset=ports.asset, through=through)
