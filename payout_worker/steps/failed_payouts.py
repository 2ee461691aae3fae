"""What came of each payout of a call of the contract: its own event decides, never the transaction's status.

Those that failed leave the batch one by one, each with a posting of its own with a key for ever. Killed in between, the
next run goes on with what is left; the batch remembers who was in it.
"""

from __future__ import annotations

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.admission import has_sound_intent, refund_end_or_alarm
from payout_worker.steps.end_batch import failed
from payout_worker.tenure import Tenure
from wallet_core.domain.case import CaseState
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.payout import Batch, PayoutState, Withdrawal

log = structlog.get_logger(__name__)


async def let_failed_go(
    ports: WorkerPorts, tenure: Tenure, batch: Batch, payouts: list[Withdrawal], found: Inclusion
) -> tuple[Batch, list[Withdrawal]]:
    """The batch without those that failed, which queue again or are returned; and those of its payouts that were paid.

    One that failed and was tampered with stays in the batch, which cannot end so. Raises ``InvariantViolated`` when the
    events contradict what was done before, and ``Refused(NODE_UNCLEAR)`` when they are not clear.
    """
    gone = await _failed(ports, batch, payouts, found)
    for payout in [payout for payout in payouts if payout.id in gone]:
        if not await has_sound_intent(ports, tenure, payout):
            continue
        end = await refund_end_or_alarm(ports, tenure, payout, CaseState.OPEN)
        if end is None:
            continue
        posting = failed(tenure, batch, payout, found, end)
        await ports.ledger.post(posting)
        log.info(posting.kind, **posting.facts)
        left = tuple(id_ for id_ in batch.payouts if id_ != payout.id)
        batch = batch.model_copy(update={"payouts": left, "failed": (*batch.failed, payout.id)})
    return batch, [payout for payout in payouts if payout.id not in gone]


async def _failed(ports: WorkerPorts, batch: Batch, payouts: list[Withdrawal], found: Inclusion) -> tuple[str, ...]:
    results = await ports.node.results(found.txid, batch.contract)
    if results is None or results.block_hash != found.block_hash:
        raise Refused(Reason.NODE_UNCLEAR, answer=f"{found.txid} is in another block by now")
    try:
        gone: tuple[str, ...] = results.failed_of((*batch.payouts, *batch.failed))
    except ValueError as error:
        raise InvariantViolated(f"batch {batch.id}: {error}") from error
    paid_after_all = set(batch.failed) - set(gone)
    settled = {payout.id for payout in payouts if payout.state is PayoutState.SETTLED}
    if wrong := sorted(paid_after_all | (settled & set(gone))):
        raise InvariantViolated(f"payout {wrong[0]} of batch {batch.id} ended otherwise before")
    return gone
