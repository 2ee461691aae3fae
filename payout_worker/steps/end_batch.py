"""The postings that end a batch and what is in it. Each is atomic and has a key for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from payout_worker.steps.admission import unchanged
from payout_worker.steps.return_payout import returning
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.changes import Move, Require
from wallet_core.domain.ledger import Entry, Message, Posting
from wallet_core.domain.movements import (
    network_fee_corrected,
    network_fee_paid,
    payment_refunded,
    withdrawal_settled,
)
from wallet_core.domain.multi_send import most_gas
from wallet_core.domain.payout import Attempt, Batch, BatchState, PayoutState, Withdrawal, move_batch, move_payout
from wallet_core.domain.quote import shares
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_messages
from wallet_core.domain.refund import NO_REFUND, RefundEnd

#: A payout whose transaction finally reverted so often is returned.
_MOST_REVERTS = 2


def settled(
    tenure: Tenure,
    batch: Batch,
    payout: Withdrawal,
    found: Inclusion,
    network_fee_minor: int,
    *,
    end: RefundEnd = NO_REFUND,
) -> Posting:
    """A payout was paid: its hold is settled, or what lay aside, with its part of the network's fee."""
    return tenure.posting_once(
        "refund_paid" if payout.case else "withdrawal_settled",
        settle_key(payout),
        Require(Batch, batch.id, {"state": BatchState.CONFIRMED, "block_hash": found.block_hash}),
        unchanged(payout),
        replace(_moved(payout, PayoutState.SETTLED, **_paid_by(found, network_fee_minor)), stamp="settled_at"),
        *end.changes,
        entries=_left_for_good(payout, network_fee_minor),
        messages=(*_told(payout, found, network_fee_minor), *end.messages),
        people=(payout.person,),
        facts={"payout": payout.id, **_facts(batch, found)},
    )


def as_settled(payout: Withdrawal, found: Inclusion, network_fee_minor: int) -> Withdrawal:
    """The payout as ``settled`` leaves it."""
    return payout.model_copy(update={"state": PayoutState.SETTLED, **_paid_by(found, network_fee_minor)})


def _paid_by(found: Inclusion, network_fee_minor: int) -> dict[str, Any]:
    return {"txid": found.txid, "network_fee_minor": network_fee_minor}


def _left_for_good(payout: Withdrawal, network_fee_minor: int) -> tuple[Entry, ...]:
    if payout.case:
        return payment_refunded(
            payout.asset,
            coin_minor=payout.coin_minor,
            withheld_minor=payout.withheld_minor,
            network_fee_minor=network_fee_minor,
        )
    return withdrawal_settled(
        payout.person,
        payout.asset,
        coin_minor=payout.coin_minor,
        itd_minor=payout.amount_minor,
        fee_minor=payout.fee_minor,
        rate_minor=payout.rate_minor,
        network_fee_minor=network_fee_minor,
    )


def parts(batch: Batch, network_fee_minor: int) -> list[int]:
    """What of a fee each payout of the batch bears, in its order; at the end come those that failed.

    Theirs is the house's, and is booked with the batch.
    """
    return shares(network_fee_minor, len(batch.payouts + batch.failed))


def settle_key(payout: Withdrawal) -> str:
    """What a payout is settled by once and for ever."""
    return f"settle:{payout.id}"


def batch_settled(
    tenure: Tenure,
    batch: Batch,
    payouts: Sequence[Withdrawal],
    found: Inclusion,
    network_fee_minor: int,
) -> Posting:
    """All payouts of the batch are settled; what the network took in all is in the books, and shared out over them.

    A payout's part changes when a child was paid for, which is known only now, and when it was another attempt, or
    another block with another price, after all: who was told otherwise is told.
    """
    again = batch.settlements > 0
    booked_minor = batch.network_fee_minor if again else sum(payout.network_fee_minor for payout in payouts)
    moved = move_batch(
        batch.id,
        BatchState.CONFIRMED,
        BatchState.SETTLED,
        network_fee_minor=network_fee_minor,
        settlements=batch.settlements + 1,
    )
    parted = zip(payouts, parts(batch, network_fee_minor), strict=False)
    otherwise = [(p, part) for p, part in parted if (p.txid, p.network_fee_minor) != (found.txid, part)]
    return tenure.posting_once(
        "fee_corrected" if again else "batch_settled",
        f"fee_correction:{batch.id}:{batch.settlements}" if again else f"settle_batch:{batch.id}",
        replace(moved, expected={"settlements": batch.settlements, "block_hash": found.block_hash}),
        *(
            move_payout(p.id, PayoutState.SETTLED, PayoutState.SETTLED, **_paid_by(found, part))
            for p, part in otherwise
        ),
        entries=network_fee_corrected(batch.asset, booked_minor, network_fee_minor),
        messages=tuple(m for payout, part in otherwise for m in _told(payout, found, part)),
        facts=_facts(batch, found) | {"network_fee_minor": network_fee_minor},
    )


def reverted(tenure: Tenure, batch: Batch, payout: Withdrawal, found: Inclusion, end: RefundEnd = NO_REFUND) -> Posting:
    """Its gas is gone, its coins are not: only now may the payout have another nonce, or after the last time none."""
    ended = move_batch(batch.id, BatchState.CONFIRMED, BatchState.REVERTED, network_fee_minor=found.fee_minor)
    gas, reverts = network_fee_paid(batch.asset, found.fee_minor), payout.reverts + 1
    if reverts >= _MOST_REVERTS:
        facts = _facts(batch, found)
        return returning(tenure, payout, unchanged(payout), ended, entries=gas, end=end, facts=facts, reverts=reverts)
    return tenure.posting_once(
        "batch_reverted",
        f"revert:{batch.id}",
        unchanged(payout),
        ended,
        _moved(payout, PayoutState.QUEUED, batch=None, reverts=reverts),
        entries=gas,
        messages=withdrawal_messages(payout, WithdrawalStep.QUEUED, reverted=True),
        people=(payout.person,),
        facts=_facts(batch, found),
    )


def all_reverted(tenure: Tenure, batch: Batch, payouts: Sequence[Withdrawal], found: Inclusion) -> Posting:
    """A call of the contract finally failed as a whole: its gas is gone, and all its payouts may be tried anew."""
    ended = move_batch(batch.id, BatchState.CONFIRMED, BatchState.REVERTED, network_fee_minor=found.fee_minor)
    return tenure.posting_once(
        "batch_reverted",
        f"revert:{batch.id}",
        ended,
        *(unchanged(payout) for payout in payouts),
        *(_moved(p, PayoutState.QUEUED, batch=None, shared_reverts=p.shared_reverts + 1) for p in payouts),
        entries=network_fee_paid(batch.asset, found.fee_minor),
        messages=tuple(
            message
            for payout in payouts
            for message in withdrawal_messages(payout, WithdrawalStep.QUEUED, reverted=True)
        ),
        people=tuple(dict.fromkeys(payout.person for payout in payouts)),
        facts=_facts(batch, found),
    )


def failed(tenure: Tenure, batch: Batch, payout: Withdrawal, found: Inclusion, end: RefundEnd = NO_REFUND) -> Posting:
    """A final block tells that this one of a batch was not paid: it leaves it, the second time for good."""
    left = tuple(id_ for id_ in batch.payouts if id_ != payout.id)
    parted = move_batch(
        batch.id, BatchState.CONFIRMED, BatchState.CONFIRMED, payouts=left, failed=(*batch.failed, payout.id)
    )
    parted = replace(parted, expected={"block_hash": found.block_hash})
    reverts, facts = payout.reverts + 1, {"payout": payout.id, **_facts(batch, found)}
    if reverts >= _MOST_REVERTS:
        return returning(tenure, payout, unchanged(payout), parted, end=end, facts=facts, reverts=reverts)
    return tenure.posting_once(
        "payout_failed",
        f"fail:{batch.id}:{payout.id}",
        unchanged(payout),
        parted,
        _moved(payout, PayoutState.QUEUED, batch=None, reverts=reverts),
        messages=withdrawal_messages(payout, WithdrawalStep.QUEUED, reverted=True),
        people=(payout.person,),
        facts=facts,
    )


def abandoned(
    tenure: Tenure,
    batch: Batch,
    payouts: Sequence[Withdrawal],
    found: Inclusion,
    network_fee_minor: int,
) -> Posting:
    """A no-op has the nonce or the coins for good. Payouts queue again; one with a broken seal stays there."""
    ended = move_batch(batch.id, BatchState.CONFIRMED, BatchState.ABANDONED, network_fee_minor=network_fee_minor)
    return tenure.posting_once(
        "batch_abandoned",
        f"abandon:{batch.id}",
        ended,
        *(_moved(payout, PayoutState.QUEUED, batch=None) for payout in payouts),
        entries=network_fee_paid(batch.asset, network_fee_minor),
        messages=tuple(m for payout in payouts for m in withdrawal_messages(payout, WithdrawalStep.QUEUED)),
        people=tuple(dict.fromkeys(payout.person for payout in payouts)),
        facts=_facts(batch, found),
    )


def void_ended(tenure: Tenure, batch: Batch, attempt: Attempt, found: Inclusion, network_fee_minor: int) -> Posting:
    """After a reorganisation its nonce is used up once more; the books have what that cost in place of before."""
    after = BatchState.ABANDONED if attempt.stays_ours else BatchState.REVERTED
    counted = {"network_fee_minor": network_fee_minor, "settlements": batch.settlements + 1}
    moved = move_batch(batch.id, BatchState.CONFIRMED, after, **counted)
    return tenure.posting_once(
        "fee_corrected",
        f"fee_correction:{batch.id}:{batch.settlements}",
        replace(moved, expected={"settlements": batch.settlements, "block_hash": found.block_hash}),
        entries=network_fee_corrected(batch.asset, batch.network_fee_minor, network_fee_minor),
        facts=_facts(batch, found) | counted,
    )


def unbatched(tenure: Tenure, batch: Batch, leaving: Sequence[Withdrawal]) -> Posting:
    """Nothing of its call was signed yet: who may not be paid any more leaves it, and queues again."""
    gone = {payout.id for payout in leaving}
    left = tuple(id_ for id_ in batch.payouts if id_ not in gone)
    return tenure.posting(
        "payouts_unbatched",
        batch.id,
        move_batch(batch.id, BatchState.FORMED, BatchState.FORMED, payouts=left, gas_limit=most_gas(len(left))),
        *(replace(_moved(p, PayoutState.QUEUED, batch=None), expected={"batch": batch.id}) for p in leaving),
        messages=tuple(m for payout in leaving for m in withdrawal_messages(payout, WithdrawalStep.QUEUED)),
        people=tuple(dict.fromkeys(payout.person for payout in leaving)),
        facts={"batch": batch.id, "payouts": sorted(gone)},
    )


def _moved(payout: Withdrawal, to: PayoutState, **fields: Any) -> Move:
    return move_payout(payout.id, PayoutState.BATCHED, to, **fields)


def _told(payout: Withdrawal, found: Inclusion, network_fee_minor: int) -> tuple[Message, ...]:
    step = WithdrawalStep.SETTLED
    return withdrawal_messages(payout, step, txid=found.txid, network_fee_minor=network_fee_minor)


def _facts(batch: Batch, found: Inclusion) -> dict[str, object]:
    return {"batch": batch.id, "txid": found.txid, "height": found.height}
