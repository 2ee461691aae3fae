"""Form a sweep: give deposits to a batch without payouts, for ever. Nothing is signed when this is committed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import structlog

from payout_worker.families import Allotted, family_of
from payout_worker.ports import WorkerPorts
from payout_worker.steps.form_batch import forming
from payout_worker.steps.open_rail import open_rail
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.payout import Batch

log = structlog.get_logger(__name__)


async def form_sweeps(ports: WorkerPorts, tenure: Tenure) -> AsyncIterator[Batch]:
    """Sweeps of what is worth it now. Raises ``Refused(RAIL_OFF)`` while fees, or the rail, are against it."""
    await open_rail(ports, forms=True)
    for allotted in await family_of(ports.asset).sweeps(ports, tenure):
        if await _post(ports, tenure, allotted):
            yield allotted.batch


async def _post(ports: WorkerPorts, tenure: Tenure, allotted: Allotted) -> bool:
    """False when a deposit was reversed since it was looked at: then it is looked at anew another time."""
    posting = forming(tenure, allotted, {"sweeps": len(allotted.batch.invoices)})
    try:
        await ports.ledger.post(posting)
    except Refused as refused:
        if refused.reason is not Reason.CHANGED_MEANWHILE:
            raise
        log.info("sweep_not_formed", **posting.facts, changed=refused.facts)
        return False
    log.info("formed", **posting.facts)
    return True
