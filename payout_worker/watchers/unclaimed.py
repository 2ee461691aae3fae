"""Returns money that nobody claimed in time to whoever sent it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from payout_worker.failures import Failures
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.claimable import WAITING, Claimable, ClaimableState
from wallet_core.domain.lease import HoldLease
from wallet_core.ports import Before
from wallet_core.use_cases.claimables import check_terms, giving_back

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 100


async def return_unclaimed(ports: UnitPorts, tenure: Tenure, failures: Failures) -> None:
    """Ends each once, unless it is claimed or taken back in the same moment.

    Raises ``Unavailable`` and ``LeaseLostError``.
    """
    over = {"state": tuple(WAITING), "expires_at": Before(await ports.store.now())}
    for claimable in await ports.store.find(Claimable, over, order_by=("expires_at",), limit=_MOST_PER_PASS):
        if failures.has_stopped(claimable.id):
            continue
        try:
            await _return(ports, tenure, claimable)
        except Exception as error:
            await failures.after(ports, tenure, claimable.id, error)
        else:
            failures.went_on(claimable.id)


async def _return(ports: UnitPorts, tenure: Tenure, claimable: Claimable) -> None:
    check_terms(ports.core, claimable)
    posting = giving_back(claimable, ClaimableState.RETURNED, f"worker:{tenure.holder}")
    lease = HoldLease(tenure.lease, tenure.epoch)
    await ports.ledger.post(replace(posting, changes=(lease, *posting.changes)))
    log.info("returned", claimable=claimable.id)
