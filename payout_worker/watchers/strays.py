"""Looks for payouts that are said to be in a batch while no batch is paying them: somebody wrote into the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.payout import Batch, BatchState, PayoutState, Withdrawal

_PAGE: Final = 1_000
_ENDED: Final = (BatchState.SETTLED, BatchState.REVERTED, BatchState.ABANDONED)


async def watch_strays(ports: WorkerPorts, tenure: Tenure, in_flight: Sequence[Batch]) -> None:
    """Tells the owners of one whose batch is not in flight. Its money stays held, and nothing pays it by itself."""
    batched = {"asset": ports.asset, "state": PayoutState.BATCHED}
    ids = tuple(batch.id for batch in in_flight)
    paid = await ports.store.count(Withdrawal, {**batched, "batch": ids}) if ids else 0
    if await ports.store.count(Withdrawal, batched) == paid:
        return
    skip = 0
    while page := await ports.store.find(Withdrawal, batched, order_by=("created_at", "_id"), limit=_PAGE, skip=skip):
        for payout in page:
            # One of them may have been batched or settled since the batches were read.
            if payout.batch not in ids and await _is_stray(ports, payout):
                await raise_alarm(ports, tenure, "payout_without_batch", payout.id, freeze=False)
        skip += len(page)


async def _is_stray(ports: WorkerPorts, payout: Withdrawal) -> bool:
    batch = await ports.store.get(Batch, payout.batch)
    present = await ports.store.get(Withdrawal, payout.id)
    if present is None or present.state is not PayoutState.BATCHED or present.batch != payout.batch:
        return False
    return batch is None or payout.id not in batch.payouts or batch.state in _ENDED
