"""The one payout of a batch on a rail where a transaction pays one."""

from __future__ import annotations

from payout_worker.ports import WorkerPorts
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.payout import Batch, Withdrawal


async def the_payout(ports: WorkerPorts, batch: Batch) -> Withdrawal:
    """The withdrawal that this batch pays. Raises ``InvariantViolated`` if it is not one, or not in this batch."""
    if len(batch.payouts) != 1:
        raise InvariantViolated(f"batch {batch.id} has {len(batch.payouts)} payouts")
    payout = await ports.store.get(Withdrawal, batch.payouts[0])
    if payout is None or payout.batch != batch.id:
        raise InvariantViolated(f"batch {batch.id} does not have its payout {batch.payouts[0]}")
    return payout
