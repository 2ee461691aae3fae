"""Settle: once the block is final, the books follow the chain. Each posting here is atomic and has a key for ever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.admission import has_sound_intent, unchanged
from payout_worker.steps.broadcast_batch import send_attempts
from payout_worker.steps.return_payout import returning
from payout_worker.steps.the_payout import the_payout
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.ledger import Posting
from wallet_core.domain.movements import gas_burned, withdrawal_settled
from wallet_core.domain.payout import (
    Attempt,
    Batch,
    BatchState,
    PayoutState,
    Withdrawal,
    move_batch,
    move_payout,
)
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message

log = structlog.get_logger(__name__)

#: A payout whose transaction finally reverted so often is returned.
_MOST_REVERTS = 2


async def settle_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """CONFIRMED -> SETTLED, REVERTED or ABANDONED when its block is final; back to BROADCAST when it left the chain."""
    heights = await ports.node.heights()
    found = await ports.node.inclusion(batch.txid or "")
    if found is None or found.block_hash != batch.block_hash:
        await _reorganised(ports, tenure, batch)
        return True
    if found.height > heights.final(ports.final_depth):
        return False
    payout = await the_payout(ports, batch)
    attempts = await ports.store.find(Attempt, {"batch": batch.id, "txid": found.txid})
    attempt = _one(batch, attempts)
    # Whoever changed the terms since they were signed must not choose whose hold is settled, or for how much.
    if not attempt.fills and not await has_sound_intent(ports, tenure, payout):
        return False
    posting = _posting(tenure, batch, payout, attempt, found)
    lease, *rest = posting.changes
    await ports.ledger.post(replace(posting, changes=(lease, unchanged(payout), *rest)))
    log.info(posting.kind, payout=payout.id, batch=batch.id, txid=found.txid, network_fee_minor=found.fee_minor)
    return True


def _one(batch: Batch, attempts: list[Attempt]) -> Attempt:
    if len(attempts) != 1:
        raise InvariantViolated(f"batch {batch.id} was confirmed by what is not its attempt")
    return attempts[0]


def _posting(tenure: Tenure, batch: Batch, payout: Withdrawal, attempt: Attempt, found: Inclusion) -> Posting:
    if attempt.fills:
        return _abandoned(tenure, batch, payout, found)
    if found.succeeded:
        return _settled(tenure, batch, payout, found)
    if payout.reverts + 1 < _MOST_REVERTS:
        return _reverted(tenure, batch, payout, found)
    ended = move_batch(batch.id, BatchState.CONFIRMED, BatchState.REVERTED)
    gas = gas_burned(batch.asset, found.fee_minor)
    reverts = payout.reverts + 1
    return returning(tenure, payout, ended, entries=gas, facts=_facts(batch, found), reverts=reverts)


def _settled(tenure: Tenure, batch: Batch, payout: Withdrawal, found: Inclusion) -> Posting:
    entries = withdrawal_settled(
        payout.person,
        payout.asset,
        coin_minor=payout.coin_minor,
        itd_minor=payout.amount_minor,
        fee_minor=payout.fee_minor,
        rate_minor=payout.rate_minor,
        network_fee_minor=found.fee_minor,
    )
    return tenure.posting_once(
        "withdrawal_settled",
        f"settle:{payout.id}",
        move_batch(batch.id, BatchState.CONFIRMED, BatchState.SETTLED, network_fee_minor=found.fee_minor),
        replace(_moved(payout, PayoutState.SETTLED, txid=found.txid), stamp="settled_at"),
        entries=entries,
        messages=(withdrawal_message(payout, WithdrawalStep.SETTLED, txid=found.txid),),
        people=(payout.person,),
        facts=_facts(batch, found) | {"payout": payout.id},
    )


def _reverted(tenure: Tenure, batch: Batch, payout: Withdrawal, found: Inclusion) -> Posting:
    """Its gas is gone, its coins are not: only now may the payout have another nonce."""
    return tenure.posting_once(
        "batch_reverted",
        f"revert:{batch.id}",
        move_batch(batch.id, BatchState.CONFIRMED, BatchState.REVERTED),
        _moved(payout, PayoutState.QUEUED, batch=None, reverts=payout.reverts + 1),
        entries=gas_burned(batch.asset, found.fee_minor),
        messages=(withdrawal_message(payout, WithdrawalStep.QUEUED, reverted=True),),
        people=(payout.person,),
        facts=_facts(batch, found),
    )


def _abandoned(tenure: Tenure, batch: Batch, payout: Withdrawal, found: Inclusion) -> Posting:
    """A no-op holds the nonce for good. The payout goes back to the queue, where its broken seal keeps it."""
    return tenure.posting_once(
        "batch_abandoned",
        f"abandon:{batch.id}",
        move_batch(batch.id, BatchState.CONFIRMED, BatchState.ABANDONED),
        _moved(payout, PayoutState.QUEUED, batch=None),
        entries=gas_burned(batch.asset, found.fee_minor),
        facts=_facts(batch, found),
    )


async def _reorganised(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> None:
    """The block left the chain: the same bytes go out again, all of them."""
    payout = await the_payout(ports, batch)
    attempts = await ports.store.find(Attempt, {"batch": batch.id}, order_by=("number",))
    back = move_batch(batch.id, BatchState.CONFIRMED, BatchState.BROADCAST, txid=None, block_hash=None, height=None)
    pays = not any(attempt.fills for attempt in attempts)
    told = (withdrawal_message(payout, WithdrawalStep.BROADCAST, txid=batch.txid),) if pays else ()
    facts = {"batch": batch.id, "txid": batch.txid, "block_hash": batch.block_hash}
    await ports.ledger.post(tenure.posting("batch_reorganised", batch.id, back, messages=told, facts=facts))
    log.warning("reorganised", payout=payout.id, batch=batch.id, height=batch.height)
    await send_attempts(ports, attempts)


def _moved(payout: Withdrawal, to: PayoutState, **fields: Any) -> Move:
    return move_payout(payout.id, PayoutState.BATCHED, to, **fields)


def _facts(batch: Batch, found: Inclusion) -> dict[str, object]:
    return {"batch": batch.id, "txid": found.txid, "height": found.height, "fee_minor": found.fee_minor}
