"""What runs when. The scheduler stays in memory and only says that something is due; the worker does the work."""

from __future__ import annotations

from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from payout_worker.worker import Worker
from wallet_core.settings import Settings

#: Heartbeats in the time after which a silent worker loses its lease.
_BEATS_PER_LEASE = 5


def schedule_of(worker: Worker, settings: Settings) -> AsyncIOScheduler:
    """A scheduler with the worker's triggers, not yet started."""

    async def look_at_payouts() -> None:
        worker.payouts_due.set()

    async def look_at_purchases() -> None:
        worker.purchases_due.set()

    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    )
    scheduler.add_job(look_at_payouts, "interval", seconds=settings.worker_poll_seconds, id="payouts")
    scheduler.add_job(look_at_purchases, "interval", seconds=settings.worker_poll_seconds, id="purchases")
    scheduler.add_job(worker.beat, "interval", seconds=settings.lease_seconds / _BEATS_PER_LEASE, id="heartbeat")
    return scheduler
