"""Form a batch of the hot wallet's own coins: a surplus for the cold wallet, or small coins that become few."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from payout_worker.families import Allotted, family_of
from payout_worker.ports import WorkerPorts
from payout_worker.steps.form_batch import forming
from payout_worker.steps.open_rail import open_rail
from payout_worker.tenure import Tenure
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Batch
from wallet_core.domain.sweep import Own

log = structlog.get_logger(__name__)


async def form_own(ports: WorkerPorts, tenure: Tenure, level: Level) -> AsyncIterator[Batch]:
    """At most one of each kind at a time. Raises ``Refused(RAIL_OFF)`` while the rail is against it."""
    family = family_of(ports.asset)
    ways: tuple[tuple[Own, Callable[..., Awaitable[Allotted | None]]], ...] = (
        (Own.SURPLUS, family.surplus),
        (Own.SMALL, family.small),
    )
    for own, allotted_by in ways:
        rail = await open_rail(ports, forms=True)
        if not await _is_under_way(ports, own):
            allotted = await allotted_by(ports, tenure, rail, level)
            if allotted is not None:
                yield await _post(ports, tenure, allotted)


async def _is_under_way(ports: WorkerPorts, own: Own) -> bool:
    return bool(await ports.store.count(Batch, {"asset": ports.asset, "state": BATCHES_IN_FLIGHT, "own": own}))


async def _post(ports: WorkerPorts, tenure: Tenure, allotted: Allotted) -> Batch:
    batch = allotted.batch
    posting = forming(tenure, allotted, {"stored_minor": batch.stored_minor})
    await ports.ledger.post(posting)
    log.info("formed", own=batch.own, **posting.facts)
    return batch
