"""Confirm: find out which attempt of the set is in the chain. Only that decides; no timer and no error text does."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.broadcast_batch import send_attempts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.the_payout import the_payout
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.payout import Attempt, Batch, BatchState, move_batch
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message

log = structlog.get_logger(__name__)


async def confirm_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """BROADCAST -> CONFIRMED with the block of the attempt that made it; otherwise every attempt is kept alive."""
    # In this order: a nonce that a final block had used before the look-up must show up in it.
    heights = await ports.node.heights()
    final_nonce = await ports.node.nonce(batch.sender, max(0, heights.final(ports.final_depth)))
    attempts = await ports.store.find(Attempt, {"batch": batch.id}, order_by=("number",))
    for attempt in attempts:
        found = await ports.node.inclusion(attempt.txid)
        if found is not None:
            await _confirm(ports, tenure, batch, attempt, found)
            return True
    if final_nonce > batch.nonce:
        await _spent_by_another(ports, tenure, batch, attempts)
    elif not await _any_pending(ports, attempts):
        seen = await send_attempts(ports, attempts)
        await _mark(ports, tenure, batch, attempts, unknown=not seen)
    else:
        await _mark(ports, tenure, batch, attempts, unknown=False)
    return False


async def _any_pending(ports: WorkerPorts, attempts: Sequence[Attempt]) -> bool:
    for attempt in attempts:
        if await ports.node.known(attempt.txid):
            return True
    return False


async def _confirm(ports: WorkerPorts, tenure: Tenure, batch: Batch, attempt: Attempt, found: Inclusion) -> None:
    payout = await the_payout(ports, batch)
    told = () if attempt.fills else (withdrawal_message(payout, WithdrawalStep.CONFIRMED, txid=found.txid),)
    moved = move_batch(
        batch.id,
        BatchState.BROADCAST,
        BatchState.CONFIRMED,
        txid=found.txid,
        block_hash=found.block_hash,
        height=found.height,
        network_fee_minor=found.fee_minor,
        unknown=False,
    )
    facts = {"batch": batch.id, "txid": found.txid, "height": found.height, "block_hash": found.block_hash}
    people = (payout.person,)
    await ports.ledger.post(
        tenure.posting("batch_confirmed", batch.id, moved, messages=told, people=people, facts=facts)
    )
    log.info("confirmed", payout=payout.id, batch=batch.id, attempt=attempt.id, height=found.height)


async def _spent_by_another(ports: WorkerPorts, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt]) -> None:
    """A final block used our nonce for something that we never signed: somebody else has the key."""
    await raise_alarm(ports, tenure, "foreign_spend", batch.id, freeze=True)
    await _mark(ports, tenure, batch, attempts, unknown=True)


async def _mark(
    ports: WorkerPorts, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt], *, unknown: bool
) -> None:
    """Keeps the mark and the person's card in step with what is known; posts nothing while that is unchanged."""
    if batch.unknown is unknown:
        return
    payout = await the_payout(ports, batch)
    step = WithdrawalStep.UNKNOWN if unknown else WithdrawalStep.BROADCAST
    moved = move_batch(batch.id, BatchState.BROADCAST, BatchState.BROADCAST, unknown=unknown)
    facts = {"batch": batch.id, "unknown": unknown}
    newest = attempts[-1]
    told = () if newest.fills else (withdrawal_message(payout, step, txid=newest.txid),)
    await ports.ledger.post(tenure.posting("batch_marked", batch.id, moved, messages=told, facts=facts))
    log.info("marked", payout=payout.id, batch=batch.id, unknown=unknown)
