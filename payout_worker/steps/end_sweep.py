"""End of a sweep: books and invoices follow the chain, in one posting, once its block is final and not before.

Until then nothing of it is booked: a reorganisation undoes nothing, and an address's balance at a final block together
with what was booked as swept up to that block is always what it received.
"""

from __future__ import annotations

from collections import Counter

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.ledger import Entry
from wallet_core.domain.movements import deposit_swept, sweep_arrived, sweep_stored
from wallet_core.domain.payout import Attempt, Batch, BatchState, move_batch
from wallet_core.domain.sweep import EndSweep

log = structlog.get_logger(__name__)


async def end_sweep(
    ports: WorkerPorts, tenure: Tenure, batch: Batch, attempt: Attempt, found: Inclusion, *, network_fee_minor: int
) -> None:
    """CONFIRMED -> SETTLED, or REVERTED where the cold wallet's code took nothing: then only the fee left the address.

    ``network_fee_minor`` is all that the network took, for children too.
    """
    left = _left(batch, attempt, found)
    ended = move_batch(
        batch.id,
        BatchState.CONFIRMED,
        BatchState.SETTLED if found.succeeded else BatchState.REVERTED,
        network_fee_minor=network_fee_minor,
        settlements=batch.settlements + 1,
        swept_minor=left.total(),
    )
    posting = tenure.posting_once(
        "deposits_swept",
        f"sweep:{batch.id}",
        ended,
        *(EndSweep(invoice, batch.id, minor, found.height) for invoice, minor in left.items()),
        entries=_entries(ports, attempt, left.total(), network_fee_minor),
        facts={"batch": batch.id, "txid": found.txid, "height": found.height, "swept_minor": left.total()},
    )
    await ports.ledger.post(posting)
    log.info(posting.kind, network_fee_minor=network_fee_minor, succeeded=found.succeeded, **posting.facts)
    if not found.succeeded:
        await raise_alarm(ports, tenure, "sweep_reverted", batch.id, freeze=False)


def _left(batch: Batch, attempt: Attempt, found: Inclusion) -> Counter[str]:
    """What left the address of each invoice: whole coins, or what was sent and what that cost."""
    (sent_minor,) = attempt.change_minor
    if batch.nonce is not None:
        (invoice,) = batch.invoices
        return Counter({invoice: found.fee_minor + (sent_minor if found.succeeded else 0)})
    left: Counter[str] = Counter()
    for invoice, minor in zip(batch.invoices, batch.inputs_minor, strict=True):
        left[invoice] += minor
    if left.total() != sent_minor + attempt.fee_minor:
        raise InvariantViolated(f"sweep {batch.id} has other coins than when it was signed")
    return left


def _entries(ports: WorkerPorts, attempt: Attempt, left_minor: int, network_fee_minor: int) -> tuple[Entry, ...]:
    arrived = sweep_arrived if attempt.target == ports.signer.address else sweep_stored
    return (*deposit_swept(ports.asset, left_minor), *arrived(ports.asset, left_minor, network_fee_minor))
