"""Settle: once the block is deep enough, the books follow the chain.

Each payout is settled by a posting of its own with a key for ever, a thousand in a group; then the batch. Killed in
between, the next run settles what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from payout_worker.families import family_of
from payout_worker.ports import WorkerPorts
from payout_worker.steps.admission import has_sound_intent, refund_end_or_alarm
from payout_worker.steps.broadcast_batch import send_attempts
from payout_worker.steps.end_batch import (
    abandoned,
    all_reverted,
    as_settled,
    batch_settled,
    parts,
    reverted,
    settle_key,
    settled,
    void_ended,
)
from payout_worker.steps.end_own import end_own
from payout_worker.steps.end_sweep import end_sweep
from payout_worker.steps.failed_payouts import let_failed_go
from payout_worker.steps.payouts_of import attempts_of, payouts_of
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.reorganised import reorganised
from payout_worker.steps.told import told_of
from payout_worker.tenure import Tenure
from wallet_core.domain.case import CaseState
from wallet_core.domain.chain import Heights, Inclusion
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, WalletError
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, PayoutState, Withdrawal, move_batch
from wallet_core.domain.receipts import WithdrawalStep
from wallet_core.domain.sweep import sweep_name

log = structlog.get_logger(__name__)

#: More people than this are not told of every single confirmation.
_MOST_TOLD: Final = 100
#: So many postings are made, and committed, before the next ones.
_TOGETHER: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Mined:
    """A batch with the attempt of it that is in the chain."""

    batch: Batch
    payouts: Sequence[Withdrawal]
    attempts: Sequence[Attempt]
    attempt: Attempt
    found: Inclusion

    @property
    def pays(self) -> bool:
        """Whether it pays people, be it in vain."""
        return self.attempt.kind is AttemptKind.PAYMENT


async def settle_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """CONFIRMED -> SETTLED, REVERTED or ABANDONED when its block is deep; back to BROADCAST when it left the chain."""
    heights = await ports.node.heights()
    found = await ports.node.inclusion(batch.txid or "")
    attempts = await attempts_of(ports, batch)
    if found is None or found.block_hash != batch.block_hash:
        await _check_gone(ports, batch)
        await reorganised(ports, tenure, batch, attempts)
        return True
    if _waits_untold(batch, found, heights):
        return False
    payouts = await payouts_of(ports, batch)
    mined = _Mined(batch, payouts, attempts, _one(batch, attempts, found), found)
    _check_signed(ports, mined)
    needed = _needed(ports, mined)
    if found.height > heights.final(needed - 1):
        await _count(ports, tenure, mined, heights.latest - found.height + 1, needed)
        return False
    if batch.void or (mined.pays and not found.succeeded):
        return await (_end_void if batch.void else _revert)(ports, tenure, mined)
    if mined.pays and batch.contract:
        batch, payouts = await let_failed_go(ports, tenure, batch, payouts, found)
        mined = replace(mined, batch=batch, payouts=payouts)
    if mined.pays:
        ended = await _settle_payouts(ports, tenure, mined)
        if ended is None or len(ended) != len(batch.payouts):
            return False
        mined = replace(mined, payouts=ended)
    return await _end(ports, tenure, mined, heights)


def _waits_untold(batch: Batch, found: Inclusion, heights: Heights) -> bool:
    """Whether nothing of a large batch needs to be read yet: it is not deep, and nobody is told how deep it is."""
    return len(batch.payouts) > _MOST_TOLD and found.height > heights.final(batch.needed - 1)


async def _check_gone(ports: WorkerPorts, batch: Batch) -> None:
    """A node that lost its wallet knows the block, and not what is in it. Raises ``Refused(NODE_UNCLEAR)``."""
    if batch.height is not None and await ports.node.block_hash(batch.height) == batch.block_hash:
        raise Refused(Reason.NODE_UNCLEAR, answer=f"it has block {batch.height}, and does not know {batch.txid} in it")


def _check_signed(ports: WorkerPorts, mined: _Mined) -> None:
    """The signer's own record tells whom a transaction pays, whatever the database says of it by now."""
    signed_for = ports.signer.signed_for(mined.found.txid)
    if signed_for is None or set(signed_for) != _meant(mined):
        raise InvariantViolated(f"{mined.found.txid} was not signed for what batch {mined.batch.id} says")
    # Whoever chose the contract could write its events.
    if ports.signer.contract_of(mined.found.txid) != (mined.batch.contract if mined.pays else ""):
        raise InvariantViolated(f"{mined.found.txid} calls another contract than batch {mined.batch.id} says")
    moved = [p.id for p in mined.payouts if p.state not in (PayoutState.BATCHED, PayoutState.SETTLED)]
    if moved:
        raise InvariantViolated(f"payout {moved[0]} of batch {mined.batch.id} was moved while it was being paid")


def _meant(mined: _Mined) -> set[str]:
    """Under which names its attempt must stand in the signer's record."""
    if mined.attempt.kind is AttemptKind.SWEEP:
        return {sweep_name(mined.batch.id, mined.attempt.target or "")}
    return {*mined.batch.payouts, *mined.batch.failed} if mined.pays else set()


def _one(batch: Batch, attempts: Sequence[Attempt], found: Inclusion) -> Attempt:
    for attempt in attempts:
        if attempt.txid == found.txid:
            return attempt
    raise InvariantViolated(f"batch {batch.id} was confirmed by what is not its attempt")


def _needed(ports: WorkerPorts, mined: _Mined) -> int:
    """Confirmations to wait for. What lets a payout be paid by another transaction must be final."""
    if mined.pays and mined.found.succeeded:
        return family_of(ports.asset).needs(ports, mined.batch, mined.payouts)
    return ports.final_depth + 1


async def _settle_payouts(ports: WorkerPorts, tenure: Tenure, mined: _Mined) -> Sequence[Withdrawal] | None:
    """Settles those that are not, and tells how all of them stand then; None when one cannot be settled."""
    parted = zip(
        mined.payouts, parts(mined.batch, family_of(ports.asset).fee(mined.attempt, mined.found)), strict=False
    )
    unsettled = [(payout, part) for payout, part in parted if payout.state is PayoutState.BATCHED]
    all_settled, all_known = True, True
    for start in range(0, len(unsettled), _TOGETHER):
        some = unsettled[start : start + _TOGETHER]
        settling = [await _settling(ports, tenure, mined, payout, part) for payout, part in some]
        postings = [posting for posting in settling if posting is not None]
        all_known &= await _all_posted(ports, postings)
        all_settled &= len(postings) == len(some)
    if not (all_settled and all_known):
        return await payouts_of(ports, mined.batch) if all_settled else None
    ended = {payout.id: as_settled(payout, mined.found, part) for payout, part in unsettled}
    return [ended.get(payout.id, payout) for payout in mined.payouts]


async def _settling(ports: WorkerPorts, tenure: Tenure, mined: _Mined, payout: Withdrawal, part: int) -> Posting | None:
    """What settles a payout; None for one whose terms were changed since they were signed.

    Whoever changed them must not choose whose hold is settled, or for how much.
    """
    if not await has_sound_intent(ports, tenure, payout):
        return None
    end = await refund_end_or_alarm(ports, tenure, payout, CaseState.CLOSED)
    return None if end is None else settled(tenure, mined.batch, payout, mined.found, part, end=end)


async def _all_posted(ports: WorkerPorts, postings: Sequence[Posting]) -> bool:
    """Whether all of them were posted now. Raises the first refusal."""
    outcomes = await ports.ledger.post_many(postings)
    for posting, outcome in zip(postings, outcomes, strict=True):
        if isinstance(outcome, WalletError):
            raise outcome
        log.info(posting.kind, **posting.facts)
    return not any(outcome.replayed for outcome in outcomes if isinstance(outcome, Receipt))


async def _revert(ports: WorkerPorts, tenure: Tenure, mined: _Mined) -> bool:
    if mined.batch.contract:
        return await _revert_all(ports, tenure, mined)
    (payout,) = mined.payouts
    if not await has_sound_intent(ports, tenure, payout):
        return False
    end = await refund_end_or_alarm(ports, tenure, payout, CaseState.OPEN)
    if end is None:
        return False
    posting = reverted(tenure, mined.batch, payout, mined.found, end)
    await ports.ledger.post(posting)
    log.info(posting.kind, payout=payout.id, batch=mined.batch.id, txid=mined.found.txid)
    return True


async def _revert_all(ports: WorkerPorts, tenure: Tenure, mined: _Mined) -> bool:
    """A call that failed as a whole paid nobody, and tells nothing about any single payout.

    One with a broken seal is told to the owners, and keeps none of the others: in the queue its seal keeps itself.
    """
    for payout in mined.payouts:
        await has_sound_intent(ports, tenure, payout)
    posting = all_reverted(tenure, mined.batch, mined.payouts, mined.found)
    await ports.ledger.post(posting)
    log.warning(posting.kind, **posting.facts)
    return True


async def _end_void(ports: WorkerPorts, tenure: Tenure, mined: _Mined) -> bool:
    """Its nonce is used up again, and nobody was paid; unless a payment of it went through this time."""
    if mined.found.succeeded and not mined.attempt.stays_ours:
        await raise_alarm(ports, tenure, "paid_after_all", mined.batch.id, freeze=True)
        return False
    network_fee_minor = family_of(ports.asset).fee(mined.attempt, mined.found)
    posting = void_ended(tenure, mined.batch, mined.attempt, mined.found, network_fee_minor)
    await ports.ledger.post(posting)
    log.warning(posting.kind, **posting.facts)
    return True


async def _end(ports: WorkerPorts, tenure: Tenure, mined: _Mined, heights: Heights) -> bool:
    network_fee_minor = await _fees(ports, tenure, mined, heights)
    if network_fee_minor is None:
        return False
    if mined.batch.sweep:
        total = {"network_fee_minor": network_fee_minor}
        await end_sweep(ports, tenure, mined.batch, mined.attempt, mined.found, **total)
        return True
    if mined.batch.own is not None:
        total = {"network_fee_minor": network_fee_minor}
        await end_own(ports, tenure, mined.batch, mined.attempt, mined.found, **total)
        return True
    if mined.pays:
        await _check_settled(ports, mined.payouts)
    end = batch_settled if mined.pays else abandoned
    posting = end(tenure, mined.batch, mined.payouts, mined.found, network_fee_minor)
    await ports.ledger.post(posting)
    log.info(posting.kind, batch=mined.batch.id, attempt=mined.attempt.id, network_fee_minor=network_fee_minor)
    return True


async def _check_settled(ports: WorkerPorts, payouts: Sequence[Withdrawal]) -> None:
    """Each was settled by a posting, and not by whoever writes into the database."""
    keys = tuple(settle_key(payout) for payout in payouts)
    if await ports.store.count(JournalRecord, {"_id": keys}) != len(keys):
        raise InvariantViolated(f"a payout of batch {payouts[0].batch} is called settled and never was")


async def _fees(ports: WorkerPorts, tenure: Tenure, mined: _Mined, heights: Heights) -> int | None:
    """What the network took in all; None while a child of the attempt is not final yet, which is kept alive."""
    fee_of = family_of(ports.asset).fee
    total_minor = fee_of(mined.attempt, mined.found)
    for child in _children(mined):
        found = await ports.node.inclusion(child.txid)
        # One that was never sent is not needed any more; if it is out all the same, it cost something.
        if found is None and (child.broadcast_at is None or await _lost(ports, tenure, child, heights)):
            continue
        if found is None:
            await send_attempts(ports, mined.batch, [child])
        if found is None or found.height > heights.final(ports.final_depth):
            return None
        total_minor += fee_of(child, found)
    return total_minor


def _children(mined: _Mined) -> list[Attempt]:
    """Those that spend, one after the other, what the attempt in the chain made."""
    children = [attempt for attempt in mined.attempts if attempt.kind is AttemptKind.CHILD]
    parents = {mined.attempt.txid, *(child.txid for child in children)}
    return [child for child in children if child.inputs[0].partition(":")[0] in parents]


async def _lost(ports: WorkerPorts, tenure: Tenure, child: Attempt, heights: Heights) -> bool:
    """Whether something else finally spent what the child spends: then it is never mined, and somebody has the key."""
    for utxo in child.inputs:
        spender = await ports.node.spender(utxo)
        if spender is not None and spender.txid != child.txid and spender.height <= heights.final(ports.final_depth):
            if ports.signer.signed_for(spender.txid) is None:
                await raise_alarm(ports, tenure, "foreign_spend", child.batch, freeze=True)
            return True
    return False


async def _count(ports: WorkerPorts, tenure: Tenure, mined: _Mined, confirmations: int, needed: int) -> None:
    """Tells people how far it is; a reorganisation may set it back."""
    batch = mined.batch
    if confirmations == batch.confirmations or len(mined.payouts) > _MOST_TOLD:
        return
    shown = {"confirmations": confirmations, "needed": needed}
    counted = move_batch(batch.id, BatchState.CONFIRMED, BatchState.CONFIRMED, confirmations=confirmations)
    told = told_of(mined.payouts, WithdrawalStep.CONFIRMED, mined.attempts, txid=batch.txid, **shown)
    await ports.ledger.post(tenure.posting("batch_marked", batch.id, counted, messages=told, facts={"batch": batch.id}))
