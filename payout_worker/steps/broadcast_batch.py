"""Broadcast: hand the bytes of committed attempts to the network, and note what was seen of them.

Nothing else ever reaches a network. Sending the same bytes again does no harm, so a step that was cut between the
sending and its record simply sends again. There is no retry around a send: the next run of the step is the retry.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.open_rail import open_rail
from payout_worker.steps.payouts_of import attempts_of, payouts_of
from payout_worker.steps.told import told_of
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Broadcast
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.payout import Attempt, AttemptKind, Awaited, Batch, BatchState, MarkSent, move_batch
from wallet_core.domain.receipts import WithdrawalStep

log = structlog.get_logger(__name__)


async def broadcast_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """SIGNED -> BROADCAST, marked unknown unless the network has one of the attempts.

    Once an earlier attempt is in a block, the newest is held back: a child would only pay for nothing. People read of a
    raise when the network has it. Raises ``Refused(RAIL_OFF)`` while the rail is paused or frozen and nothing of the
    batch is out yet.
    """
    attempts = await attempts_of(ports, batch)
    *earlier, newest = attempts
    seen = await any_known(ports, attempts)
    out = seen and await any_known(ports, [newest])
    held_back = seen and not out and await _any_mined(ports, earlier)
    if not seen:
        await open_rail(ports)
    if not (out or held_back):
        seen |= await send_attempts(ports, batch, [newest] if seen else attempts)
        out = not earlier or await any_known(ports, [newest])
    payouts = await payouts_of(ports, batch)
    shown = attempts if out else earlier
    step = _step(shown[-1], seen=seen)
    waits_for = None if seen else await _awaited(ports)
    await ports.ledger.post(
        tenure.posting(
            "batch_broadcast",
            batch.id,
            move_batch(batch.id, BatchState.SIGNED, BatchState.BROADCAST, unknown=not seen, waits_for=waits_for),
            *(MarkSent(attempt.id) for attempt in (earlier if held_back else attempts)),
            messages=told_of(payouts, step, shown, waits_for=waits_for),
            people=tuple(dict.fromkeys(payout.person for payout in payouts)),
            facts={"batch": batch.id, "attempt": newest.id, "seen": seen},
        )
    )
    log.info("broadcast", batch=batch.id, attempt=newest.id, payouts=list(batch.payouts), seen=seen)
    return True


async def _awaited(ports: WorkerPorts) -> Awaited:
    try:
        await ports.node.heights()
    except Unavailable:
        return Awaited.NODE
    return Awaited.NETWORK


def _step(shown: Attempt, *, seen: bool) -> WithdrawalStep:
    if not seen:
        return WithdrawalStep.UNKNOWN
    return WithdrawalStep.BUMPED if shown.number > 1 else WithdrawalStep.BROADCAST


async def send_attempts(ports: WorkerPorts, batch: Batch, attempts: Sequence[Attempt]) -> bool:
    """Sends every attempt as it was committed; tells whether the network has one that decides the batch.

    "nonce too low", "missing inputs" and "underpriced" are no answer to that: such an attempt is looked up. Of a batch
    that is to pay nobody only what stays ours is sent: its payouts may be in another one by now.
    """
    seen = False
    for attempt in attempts:
        if batch.pays_nobody and not attempt.stays_ours:
            continue
        outcome = await ports.node.broadcast(attempt.raw)
        log.info("sent", batch=attempt.batch, attempt=attempt.id, txid=attempt.txid, outcome=outcome)
        seen |= outcome is not Broadcast.UNKNOWN and attempt.kind is not AttemptKind.CHILD
    return seen or await any_known(ports, attempts)


async def any_known(ports: WorkerPorts, attempts: Sequence[Attempt]) -> bool:
    """Whether a node that answers has one of them; one that does not answer tells nothing."""
    return await _any(ports.node.known, attempts)


async def _any_mined(ports: WorkerPorts, attempts: Sequence[Attempt]) -> bool:
    return await _any(ports.node.inclusion, attempts)


async def _any(look_up: Callable[[str], Awaitable[object]], attempts: Sequence[Attempt]) -> bool:
    for attempt in attempts:
        try:
            if await look_up(attempt.txid):
                return True
        except Unavailable:
            log.warning("look_up_unanswered", batch=attempt.batch, attempt=attempt.id)
    return False
