"""Broadcast: hand the bytes of committed attempts to the network, and note what was seen of them.

Nothing else ever reaches a network. Sending the same bytes again does no harm, so a step that was cut between the
sending and its record simply sends again. There is no retry around a send: the next run of the step is the retry.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.open_rail import open_rail
from payout_worker.steps.the_payout import the_payout
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Broadcast
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.payout import Attempt, Batch, BatchState, MarkSent, move_batch
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message

log = structlog.get_logger(__name__)


async def broadcast_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """SIGNED -> BROADCAST, marked unknown unless the network has one of the attempts.

    Raises ``Refused(RAIL_OFF)`` while the rail is paused or frozen and nothing of the batch is out yet.
    """
    attempts = await ports.store.find(Attempt, {"batch": batch.id}, order_by=("number",))
    seen = await _any_known(ports, attempts)
    if not seen:
        await open_rail(ports)
        seen = await send_attempts(ports, attempts)
    payout = await the_payout(ports, batch)
    step = WithdrawalStep.BROADCAST if seen else WithdrawalStep.UNKNOWN
    told = () if attempts[-1].fills else (withdrawal_message(payout, step, txid=attempts[-1].txid),)
    await ports.ledger.post(
        tenure.posting(
            "batch_broadcast",
            batch.id,
            move_batch(batch.id, BatchState.SIGNED, BatchState.BROADCAST, unknown=not seen),
            *(MarkSent(attempt.id) for attempt in attempts),
            messages=told,
            people=(payout.person,),
            facts={"batch": batch.id, "seen": seen},
        )
    )
    log.info("broadcast", payout=payout.id, batch=batch.id, attempt=attempts[-1].id, seen=seen)
    return True


async def send_attempts(ports: WorkerPorts, attempts: Sequence[Attempt]) -> bool:
    """Sends every attempt as it was committed; tells whether the network has at least one of them.

    "nonce too low" and "underpriced" are no answer to that: such an attempt is looked up.
    """
    seen = False
    for attempt in attempts:
        outcome = await ports.node.broadcast(attempt.raw)
        log.info("sent", batch=attempt.batch, attempt=attempt.id, txid=attempt.txid, outcome=outcome)
        seen |= outcome is not Broadcast.UNKNOWN
    return seen or await _any_known(ports, attempts)


async def _any_known(ports: WorkerPorts, attempts: Sequence[Attempt]) -> bool:
    """Whether a node that answers has one of them; one that does not answer tells nothing."""
    for attempt in attempts:
        try:
            if await ports.node.known(attempt.txid):
                return True
        except Unavailable:
            log.warning("look_up_unanswered", batch=attempt.batch, attempt=attempt.id)
    return False
