"""Form: give a queued payout the hot wallet's next nonce, for ever. Nothing has been signed when this is committed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.admission import admit, unchanged
from payout_worker.steps.fees import Offer, offer
from payout_worker.steps.open_rail import open_rail, stays_open
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.return_payout import returning
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import GAS_CEILING, TRANSFER_GAS
from wallet_core.domain.changes import Advance, Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.payout import Allocation, Batch, BatchState, PayoutState, Withdrawal, move_payout
from wallet_core.domain.purchase import Rail
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.ports import Before

log = structlog.get_logger(__name__)

#: How many unmined transactions of one sender geth keeps for certain (its option ``--txpool.accountslots``).
MOST_UNCONFIRMED: Final = 16
_PAGE: Final = 50
_UNCONFIRMED: Final = (BatchState.FORMED, BatchState.SIGNED, BatchState.BROADCAST)


async def queued(ports: WorkerPorts) -> AsyncIterator[Withdrawal]:
    """The queue, oldest first, without what has to wait for a while yet."""
    skipped = 0
    while True:
        now = await ports.store.now()
        where = {"asset": ports.asset, "state": PayoutState.QUEUED, "not_before": Before(now, inclusive=True)}
        page = await ports.store.find(Withdrawal, where, order_by=("created_at", "_id"), limit=_PAGE, skip=skipped)
        for payout in page:
            yield payout
        # Those that were taken have left the queue; only the others are in the way of the next page.
        skipped += await ports.store.count(Withdrawal, {"_id": tuple(p.id for p in page), "state": PayoutState.QUEUED})
        if len(page) < _PAGE:
            return


async def form_batch(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal) -> Batch | None:
    """Makes a batch of one payout; None when this payout has to wait or was ended.

    Raises ``Refused(RAIL_OFF)`` with ``waits_for`` while no payout at all can be formed: the rail is paused or frozen,
    too many are under way, or fees are above the ceiling. Raises ``Refused`` HOT_WALLET_SHORT or NODE_UNCLEAR when only
    this one has to wait.
    """
    rail = await open_rail(ports)
    if not await admit(ports, tenure, payout):
        return None
    offered = await _check_room(ports, payout)
    price_minor = offered.max_fee_minor
    gas = await ports.node.gas_for(ports.signer.address, payout.address, payout.coin_minor, price_minor)
    if gas is None:
        await ports.ledger.post(returning(tenure, payout, unchanged(payout), facts={"reason": "would_revert"}))
        log.info("returned", payout=payout.id, reason="would_revert")
        return None
    return await _form(ports, tenure, payout, rail, gas)


async def _check_room(ports: WorkerPorts, payout: Withdrawal) -> Offer:
    """The balance must cover everything under way at the highest fee, and this payout on top. All in wei."""
    offered = offer(await ports.node.fees(), ports.max_fee_minor)
    where = {"asset": ports.asset, "state": _UNCONFIRMED}
    open_batches = await ports.store.find(Batch, where, limit=MOST_UNCONFIRMED)
    if len(open_batches) >= MOST_UNCONFIRMED:
        raise Refused(Reason.RAIL_OFF, waits_for="confirmations")
    ids = tuple(promised for batch in open_batches for promised in batch.payouts)
    promised = await ports.store.find(Withdrawal, {"_id": ids}, limit=len(ids)) if ids else []
    gas = sum(batch.gas_limit for batch in open_batches) + GAS_CEILING
    needed = sum(p.coin_minor for p in (*promised, payout)) + gas * ports.max_fee_minor
    balance = await ports.node.balance(ports.signer.address)
    if balance < needed:
        raise Refused(Reason.HOT_WALLET_SHORT, available_minor=balance, needed_minor=needed)
    return offered


async def _next_nonce(ports: WorkerPorts, tenure: Tenure, rail: Rail) -> int:
    """Our own count. The chain's is asked at ``latest``, never at ``pending``, which forgets what left the pool."""
    latest = await ports.node.nonce(ports.signer.address)
    own_batches = {"asset": ports.asset, "sender": ports.signer.address}
    if not await ports.store.find(Batch, own_batches, limit=1):
        return max(rail.next_nonce, latest)
    if latest > rail.next_nonce:
        # Somebody else signs with our key, or this database is an old backup.
        await raise_alarm(ports, tenure, "nonce_ahead", f"{ports.signer.address}:{latest}", freeze=True)
        raise Refused(Reason.RAIL_OFF, waits_for="rail")
    return rail.next_nonce


async def _form(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal, rail: Rail, gas: int) -> Batch:
    nonce = await _next_nonce(ports, tenure, rail)
    batch = Batch(
        id=secrets.token_hex(12),
        asset=ports.asset,
        state=BatchState.FORMED,
        payouts=(payout.id,),
        sender=ports.signer.address,
        nonce=nonce,
        gas_limit=_gas_limit(gas),
    )
    await ports.ledger.post(
        tenure.posting_once(
            "batch_formed",
            f"form:{batch.id}",
            stays_open(ports.asset),
            Advance(Rail, ports.asset, "next_nonce", rail.next_nonce, nonce + 1),
            unless_frozen(payout.person),
            Insert(Allocation(id=f"{tenure.lease}:{nonce}", batch=batch.id)),
            Insert(batch, stamp="created_at"),
            unchanged(payout),
            move_payout(payout.id, PayoutState.QUEUED, PayoutState.BATCHED, batch=batch.id),
            messages=(withdrawal_message(payout, WithdrawalStep.BATCHED),),
            people=(payout.person,),
            facts={"payout": payout.id, "batch": batch.id, "nonce": nonce},
        )
    )
    log.info("formed", payout=payout.id, batch=batch.id, nonce=nonce)
    return batch


def _gas_limit(estimate: int) -> int:
    """A plain transfer uses exactly 21,000; a contract may have changed by the time of the block."""
    return estimate if estimate <= TRANSFER_GAS else min(GAS_CEILING, estimate * 5 // 4)
