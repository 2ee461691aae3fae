"""The block of a batch left the chain: the same bytes go out again, all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.broadcast_batch import send_attempts
from payout_worker.steps.payouts_of import payouts_of
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.told import told_of
from payout_worker.tenure import Tenure
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, move_batch
from wallet_core.domain.purchase import Rail
from wallet_core.domain.receipts import WithdrawalStep

log = structlog.get_logger(__name__)

#: The fields of a batch that is in no block.
_NOWHERE: Final[dict[str, Any]] = {
    "txid": None,
    "block_hash": None,
    "height": None,
    "confirmations": 0,
    "needed": 0,
}


async def reorganised(ports: WorkerPorts, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt]) -> None:
    """CONFIRMED or SETTLED back to BROADCAST. A block that had counted as final alarms and freezes the hot wallet.

    All attempts share a nonce or coins, so sending them pays nobody twice; what was settled stays settled.
    """
    if await was_final(ports, batch):
        subject = f"{batch.id}:{batch.block_hash}"
        await raise_alarm(ports, tenure, "reorganised_after_final", subject, freeze=True)
    payouts = await payouts_of(ports, batch)
    back = replace(move_batch(batch.id, batch.state, BatchState.BROADCAST, **_NOWHERE), stamp="reorganised_at")
    told = told_of(payouts, WithdrawalStep.BROADCAST, attempts)
    facts = {"batch": batch.id, "txid": batch.txid, "block_hash": batch.block_hash}
    await ports.ledger.post(tenure.posting("batch_reorganised", batch.id, back, messages=told, facts=facts))
    log.warning("reorganised", batch=batch.id, payouts=list(batch.payouts), height=batch.height)
    await send_attempts(ports, batch, [attempt for attempt in attempts if attempt.broadcast_at is not None])


async def reopened(ports: WorkerPorts, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt]) -> None:
    """A final block with a nonce of the hot wallet, whose batch pays nobody any more, left the chain.

    Its payouts were queued again or returned since, so its own payments must never be sent again; and what was signed
    with later nonces waits for this one. So it is used up by a no-op that offers more than the payments, which other
    nodes may still have. As whatever is signed it waits until the owners have cleared the alarm.
    """
    has_no_op = any(attempt.kind is AttemptKind.NO_OP for attempt in attempts)
    empty = {"payouts": (), "failed": (*batch.payouts, *batch.failed), "void": True}
    wanted = {"wants": None if has_no_op else AttemptKind.NO_OP, "price_minor": 0, "tip_minor": 0}
    back = replace(
        move_batch(batch.id, batch.state, BatchState.BROADCAST, **_NOWHERE, **empty, **wanted), stamp="reorganised_at"
    )
    facts = {"batch": batch.id, "txid": batch.txid, "block_hash": batch.block_hash}
    await ports.ledger.post(tenure.posting("batch_reorganised", batch.id, back, facts=facts))
    log.warning("reopened", nonce=batch.nonce, **facts)


async def was_final(ports: WorkerPorts, batch: Batch) -> bool:
    """Whether so many blocks had been seen on top of the batch's that it could be relied on."""
    rail = await ports.store.get(Rail, ports.asset)
    return rail is not None and batch.height is not None and rail.seen_height - batch.height >= ports.final_depth
