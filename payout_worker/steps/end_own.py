"""End of a batch that moves the hot wallet's own coins: the books follow the chain, once its block is final."""

from __future__ import annotations

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.ledger import Entry
from wallet_core.domain.movements import moved_to_cold, network_fee_paid
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, move_batch
from wallet_core.domain.sweep import Own

log = structlog.get_logger(__name__)


async def end_own(
    ports: WorkerPorts, tenure: Tenure, batch: Batch, attempt: Attempt, found: Inclusion, *, network_fee_minor: int
) -> None:
    """CONFIRMED -> SETTLED; ABANDONED or REVERTED where a surplus could not be stored: then only the fee is gone.

    ``network_fee_minor`` is all that the network took, for children too.
    """
    is_stored = attempt.kind is AttemptKind.SWEEP and found.succeeded
    _check(batch, attempt, is_stored=is_stored)
    after = _after(batch, attempt, found)
    counted = {"network_fee_minor": network_fee_minor, "settlements": batch.settlements + 1}
    posting = tenure.posting_once(
        "surplus_stored" if is_stored else "coins_gathered" if batch.own is Own.SMALL else "surplus_kept",
        f"own:{batch.id}",
        move_batch(batch.id, BatchState.CONFIRMED, after, **counted),
        entries=_entries(batch, network_fee_minor, is_stored=is_stored),
        facts={"batch": batch.id, "txid": found.txid, "height": found.height, "stored_minor": batch.stored_minor},
    )
    await ports.ledger.post(posting)
    log.info(posting.kind, network_fee_minor=network_fee_minor, succeeded=found.succeeded, **posting.facts)
    if not found.succeeded:
        await raise_alarm(ports, tenure, "sweep_reverted", batch.id, freeze=False)


def _check(batch: Batch, attempt: Attempt, *, is_stored: bool) -> None:
    """On chains of coins what went in is what came out: nobody has changed the sum since it was signed."""
    if batch.nonce is not None or not is_stored:
        return
    if sum(batch.inputs_minor) != batch.stored_minor + sum(attempt.change_minor) + attempt.fee_minor:
        raise InvariantViolated(f"batch {batch.id} stores another sum than when it was signed")


def _after(batch: Batch, attempt: Attempt, found: Inclusion) -> BatchState:
    if not found.succeeded:
        return BatchState.REVERTED
    as_meant = batch.own is Own.SMALL or attempt.kind is AttemptKind.SWEEP
    return BatchState.SETTLED if as_meant else BatchState.ABANDONED


def _entries(batch: Batch, network_fee_minor: int, *, is_stored: bool) -> tuple[Entry, ...]:
    if is_stored:
        return moved_to_cold(batch.asset, batch.stored_minor, network_fee_minor)
    return network_fee_paid(batch.asset, network_fee_minor)
