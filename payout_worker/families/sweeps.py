"""What sweeps of all chains have in common: where they lead, and up to which fee they go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from payout_worker.ports import WorkerPorts
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.payout import Attempt, Batch
from wallet_core.domain.sweep import SweepTo


def target_of(ports: WorkerPorts, attempts: Sequence[Attempt] = ()) -> str:
    """The address that a sweep leads to: the same in all its attempts, for the first one as the settings are now."""
    settings = ports.settings.sweep(ports.asset)
    return _target_of(attempts, settings.cold_address if settings.to is SweepTo.COLD else ports.signer.address)


def store_of(ports: WorkerPorts, attempts: Sequence[Attempt] = ()) -> str:
    """The address that a surplus leads to, the same in all its attempts: the cold wallet's, whatever deposits do."""
    return _target_of(attempts, ports.settings.sweep(ports.asset).cold_address)


def _target_of(attempts: Sequence[Attempt], now: str) -> str:
    if not attempts:
        return now
    if attempts[0].target is None:
        raise InvariantViolated(f"sweep {attempts[0].batch} leads nowhere")
    return attempts[0].target


def has_time(batch: Batch) -> bool:
    """Whether nobody waits for a batch: it moves our own money, and takes no nonce of the hot wallet."""
    return batch.sweep or (batch.own is not None and batch.nonce is None)


async def fee_ceiling(ports: WorkerPorts, batch: Batch, ceiling_minor: int, patient_minor: int) -> int:
    """The most that a unit of a sweep may cost by now: the patient rate, or the chain's once it has waited for long."""
    now, wait = await ports.store.now(), timedelta(seconds=ports.settings.sweep(ports.asset).wait_seconds)
    is_old = batch.created_at is not None and batch.created_at < now - wait
    return ceiling_minor if is_old else min(ceiling_minor, patient_minor)
