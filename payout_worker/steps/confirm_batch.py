"""Confirm: find out which attempt of the set is in the chain. Only that decides; no timer and no error text does."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from payout_worker.families import family_of
from payout_worker.ports import WorkerPorts
from payout_worker.steps.broadcast_batch import send_attempts
from payout_worker.steps.payouts_of import attempts_of, payouts_of
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.told import told_of
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.payout import Attempt, AttemptKind, Awaited, Batch, BatchState, move_batch
from wallet_core.domain.receipts import WithdrawalStep

log = structlog.get_logger(__name__)


async def confirm_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """BROADCAST -> CONFIRMED with the block of the attempt that made it; otherwise every attempt is kept alive.

    Back to SIGNED for an attempt that was held back because of a block that is gone by now.
    """
    heights = await ports.node.heights()
    attempts = await attempts_of(ports, batch)
    # A child without its parent in the chain is impossible, and with it says nothing new.
    deciding = [attempt for attempt in attempts if attempt.kind is not AttemptKind.CHILD]
    for attempt in deciding:
        found = await ports.node.inclusion(attempt.txid)
        if found is not None:
            await _confirm(ports, tenure, batch, attempts, found)
            return True
    if any(attempt.broadcast_at is None for attempt in attempts):
        to_be_sent = move_batch(batch.id, BatchState.BROADCAST, BatchState.SIGNED, wants=None)
        await ports.ledger.post(tenure.posting("batch_marked", batch.id, to_be_sent, facts={"batch": batch.id}))
        return True
    known = [attempt for attempt in attempts if await ports.node.known(attempt.txid)]
    pending = [attempt for attempt in known if attempt in deciding]
    if pending:
        # Of replacements the node keeps the one that it took last, so what came before is not missed.
        missing = [attempt for attempt in attempts if attempt not in known and attempt.number > pending[-1].number]
        await send_attempts(ports, batch, missing)
        await _mark(ports, tenure, batch, known, None)
    elif await family_of(ports.asset).lost(ports, batch, attempts, heights):
        await _spent_by_another(ports, tenure, batch, attempts)
    else:
        seen = await send_attempts(ports, batch, attempts)
        await _mark(ports, tenure, batch, attempts, None if seen else Awaited.NETWORK)
    return False


async def _confirm(
    ports: WorkerPorts,
    tenure: Tenure,
    batch: Batch,
    attempts: Sequence[Attempt],
    found: Inclusion,
) -> None:
    payouts = await payouts_of(ports, batch)
    confirmations = max(1, (await ports.node.heights()).latest - found.height + 1)
    needed = family_of(ports.asset).needs(ports, batch, payouts)
    moved = move_batch(
        batch.id,
        BatchState.BROADCAST,
        BatchState.CONFIRMED,
        txid=found.txid,
        block_hash=found.block_hash,
        height=found.height,
        confirmations=confirmations,
        needed=needed,
        unknown=False,
        waits_for=None,
        wants=None,
    )
    shown = {"txid": found.txid, "confirmations": confirmations, "needed": needed}
    await ports.ledger.post(
        tenure.posting(
            "batch_confirmed",
            batch.id,
            moved,
            messages=told_of(payouts, WithdrawalStep.CONFIRMED, attempts, **shown),
            people=tuple(dict.fromkeys(payout.person for payout in payouts)),
            facts={"batch": batch.id, "txid": found.txid, "height": found.height, "block_hash": found.block_hash},
        )
    )
    log.info("confirmed", batch=batch.id, txid=found.txid, payouts=list(batch.payouts), height=found.height)


async def _spent_by_another(ports: WorkerPorts, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt]) -> None:
    """A final block used our nonce or coins for something that we never signed: somebody else has the key."""
    await raise_alarm(ports, tenure, "foreign_spend", batch.id, freeze=True)
    await _mark(ports, tenure, batch, attempts, Awaited.CONFLICT)


async def _mark(
    ports: WorkerPorts, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt], waits_for: Awaited | None
) -> None:
    """Keeps the mark and people's cards in step with what is known; posts nothing while that is unchanged."""
    unknown = waits_for is not None
    if (batch.unknown, batch.waits_for) == (unknown, waits_for):
        return
    payouts = await payouts_of(ports, batch)
    step = WithdrawalStep.UNKNOWN if unknown else WithdrawalStep.BROADCAST
    mark = {"unknown": unknown, "waits_for": waits_for}
    moved = move_batch(batch.id, BatchState.BROADCAST, BatchState.BROADCAST, **mark)
    told = told_of(payouts, step, attempts, waits_for=waits_for)
    facts = {"batch": batch.id, **mark}
    await ports.ledger.post(tenure.posting("batch_marked", batch.id, moved, messages=told, facts=facts))
    log.info("marked", **facts)
