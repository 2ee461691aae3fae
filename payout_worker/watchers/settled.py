"""Looks after what was settled until its block is final, and for a while longer: then it must never leave the chain."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.broadcast_batch import send_attempts
from payout_worker.steps.payouts_of import attempts_of
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.reorganised import reopened, reorganised, was_final
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights
from wallet_core.domain.payout import Batch, BatchState

log = structlog.get_logger(__name__)

#: How far below the final depth the blocks of ended batches are looked at.
_BLOCKS: Final = 128
#: More than a block ever has of ours: 16 of a hot wallet are unmined at a time, and beside them what moves coins of its
#: own, two at most, or on Ethereum 32 sweeps. What a reorganisation lets a single block have once more is spread over
#: the blocks that are gone.
_MOST_PER_BLOCK: Final = 64


async def watch_settled(ports: WorkerPorts, tenure: Tenure, heights: Heights) -> None:
    """A batch whose block is gone is sent again, every attempt of it; one that was final freezes the hot wallet.

    The attempts share a nonce or coins, so sending them pays nobody twice; but those of a batch whose payouts have left
    it, which were paid by another one maybe: of these nothing is sent but what stays ours.
    """
    where = {"asset": ports.asset, "state": (BatchState.SETTLED, BatchState.REVERTED, BatchState.ABANDONED)}
    blocks = ports.final_depth + _BLOCKS
    watched = tuple(range(max(0, heights.latest - blocks), heights.latest + 1))
    most = _MOST_PER_BLOCK * len(watched)
    ended = await ports.store.find(Batch, {**where, "height": watched}, order_by=("-height",), limit=most)
    for height, batches in groupby(sorted(ended, key=_height), _height):
        block_hash = await ports.node.block_hash(height)
        for batch in batches:
            if batch.block_hash != block_hash:
                await _gone(ports, tenure, batch)


def _height(batch: Batch) -> int:
    return batch.height or 0


async def _gone(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> None:
    attempts = await attempts_of(ports, batch)
    # What moves our own money is settled only when it is final.
    if (
        batch.state is BatchState.SETTLED
        and batch.own is None
        and not batch.sweep
        and not await was_final(ports, batch)
    ):
        await reorganised(ports, tenure, batch, attempts)
        return
    log.critical("settled_block_gone", batch=batch.id, height=batch.height, block_hash=batch.block_hash)
    await raise_alarm(ports, tenure, "reorganised_after_final", f"{batch.id}:{batch.block_hash}", freeze=True)
    pays_nobody = batch.pays_nobody or (batch.failed and not batch.payouts)
    if pays_nobody and batch.nonce is not None and not batch.sweep:
        await reopened(ports, tenure, batch, attempts)
        return
    for attempt in attempts:
        if await ports.node.inclusion(attempt.txid) is not None:
            # It was mined again, in another block: people are paid, the depth was still too small.
            return
    await send_attempts(ports, batch, attempts)
