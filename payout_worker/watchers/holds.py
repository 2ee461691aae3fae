"""Gives back what is left of holds whose time is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from payout_worker import metrics
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.lease import HoldLease
from wallet_core.ports import Before
from wallet_core.use_cases.release_hold import release_posting

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 100


async def expire_holds(ports: UnitPorts, tenure: Tenure) -> None:
    """Ends each once, unless it is settled or voided in the same moment. Raises ``Refused`` LEASE_LOST."""
    over = {"state": HoldState.OPEN, "expires_at": Before(await ports.store.now(), inclusive=True)}
    for hold in await ports.store.find(Hold, over, order_by=("expires_at",), limit=_MOST_PER_PASS):
        posting = release_posting(hold, HoldState.EXPIRED, f"worker:{tenure.holder}")
        lease = HoldLease(tenure.lease, tenure.epoch)
        try:
            await ports.ledger.post(replace(posting, changes=(lease, *posting.changes)))
        except Refused as refused:
            if refused.reason is Reason.LEASE_LOST:
                raise
            log.info("hold_ended_meanwhile", hold=hold.id, reason=refused.reason)
        except InvariantViolated as violation:
            # One that somebody changed in the database must not keep the others.
            metrics.ERRORS.labels(ports.asset, "purchase", "InvariantViolated").inc()
            log.critical("hold_stopped", hold=hold.id, error=str(violation))
        else:
            log.info("hold_expired", hold=hold.id, left_minor=hold.left_minor)
