"""Looks after payouts that were settled a while ago: a block deeper than the final depth must never leave the chain."""

from __future__ import annotations

from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.broadcast_batch import send_attempts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights
from wallet_core.domain.payout import Attempt, Batch, BatchState

log = structlog.get_logger(__name__)

#: How many of the last ended batches are looked at, and how far below the newest block their blocks may lie.
_LAST: Final = 16
_BLOCKS: Final = 128


async def watch_settled(ports: WorkerPorts, tenure: Tenure, heights: Heights) -> None:
    """Freezes the hot wallet when the block of an ended batch is gone, and sends every attempt of it again.

    The attempts share one nonce, so sending them pays nobody twice.
    """
    where = {"asset": ports.asset, "state": (BatchState.SETTLED, BatchState.REVERTED, BatchState.ABANDONED)}
    ended = await ports.store.find(Batch, where, order_by=("-nonce",), limit=_LAST)
    hashes: dict[int, str | None] = {}
    for batch in ended:
        height = batch.height or 0
        if height < heights.latest - _BLOCKS:
            continue
        if height not in hashes:
            hashes[height] = await ports.node.block_hash(height)
        if hashes[height] != batch.block_hash:
            await _gone(ports, tenure, batch)


async def _gone(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> None:
    attempts = await ports.store.find(Attempt, {"batch": batch.id}, order_by=("number",))
    for attempt in attempts:
        if await ports.node.inclusion(attempt.txid) is not None:
            # It was mined again, in another block: the people are paid, the depth was still too small.
            await raise_alarm(ports, tenure, "reorganised_after_final", batch.id, freeze=True)
            return
    log.critical("settled_block_gone", batch=batch.id, height=batch.height, block_hash=batch.block_hash)
    await raise_alarm(ports, tenure, "reorganised_after_final", batch.id, freeze=True)
    await send_attempts(ports, attempts)
