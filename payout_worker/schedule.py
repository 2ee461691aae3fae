"""What runs when. The scheduler stays in memory and only says that something is due; the worker does the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from payout_worker.worker import Worker
from wallet_core.domain.money import Asset
from wallet_core.settings import Settings

#: Heartbeats in the time after which a silent worker loses its lease.
_BEATS_PER_LEASE = 5


@contextmanager
def running_scheduler() -> Iterator[AsyncIOScheduler]:
    """A scheduler that runs while the block does; each rail adds its own triggers."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    )
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


@contextmanager
def trigger(scheduler: AsyncIOScheduler, worker: Worker, settings: Settings) -> Iterator[None]:
    """Triggers one rail's worker while the block runs: looks, batches and heartbeats, each at its own pace."""

    async def look() -> None:
        worker.wake()

    async def form() -> None:
        worker.form_soon()

    jobs = [
        scheduler.add_job(look, "interval", seconds=settings.worker_poll_seconds),
        scheduler.add_job(worker.beat, "interval", seconds=settings.lease_seconds / _BEATS_PER_LEASE),
    ]
    # Nothing is paid out by card, and ITD goes from person to person.
    if worker.asset not in (Asset.USD, Asset.ITD):
        jobs.append(scheduler.add_job(form, "interval", seconds=batch_interval_seconds(settings, worker.asset)))
    try:
        yield
    finally:
        for job in jobs:
            job.remove()


def batch_interval_seconds(settings: Settings, asset: Asset) -> float:
    """How often a chain's queue is taken up, however short it is."""
    if asset is Asset.ETH:
        return settings.eth_batch_interval_seconds
    return settings.coins(asset).batch_interval_seconds
