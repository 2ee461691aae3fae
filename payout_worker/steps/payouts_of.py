"""What a batch is made of."""

from __future__ import annotations

from typing import Final

from payout_worker.ports import WorkerPorts
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.payout import Attempt, Batch, Withdrawal

#: Each offers an eighth more than the one before it at least, so no ceiling is so high.
_MOST_ATTEMPTS: Final = 1_000


async def payouts_of(ports: WorkerPorts, batch: Batch) -> list[Withdrawal]:
    """The payouts of a batch in its order. Raises ``InvariantViolated`` when one is missing or not in this batch."""
    ids = batch.payouts
    there = {p.id: p for p in await ports.store.find(Withdrawal, {"_id": ids}, limit=len(ids))} if ids else {}
    strange = [payout for payout in ids if payout not in there or there[payout].batch != batch.id]
    if strange:
        raise InvariantViolated(f"batch {batch.id} does not have its payout {strange[0]}")
    return [there[payout] for payout in ids]


async def attempts_of(ports: WorkerPorts, batch: Batch) -> list[Attempt]:
    """The attempts of a batch, oldest first."""
    return await ports.store.find(Attempt, {"batch": batch.id}, order_by=("number",), limit=_MOST_ATTEMPTS)
