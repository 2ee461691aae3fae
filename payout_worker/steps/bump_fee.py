"""Bump: an attempt that blocks pass over for long offers more. Here it is only wanted; ``sign_batch`` signs it.

The new attempt spends the same nonce, or the same coins, so at most one of them is ever mined; a child spends change of
the payment and makes it worth mining. The old attempts stay in the set.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from payout_worker.families import family_of
from payout_worker.families.sweeps import has_time
from payout_worker.ports import WorkerPorts
from payout_worker.steps.open_rail import stays_open
from payout_worker.steps.payouts_of import attempts_of
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch

log = structlog.get_logger(__name__)


async def bump_fee(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """Notes on a BROADCAST batch what its next attempt offers, once its newest one waited for a block for long enough.

    At the caps it waits, and the owners are told, but for what has time. Nothing is raised while the
    rail is paused or frozen.
    """
    attempts = await attempts_of(ports, batch)
    sent_at = attempts[-1].broadcast_at
    if batch.wants or sent_at is None:
        return False
    waits_since = max(sent_at, batch.reorganised_at or sent_at)
    if await ports.store.now() < waits_since + _patience(ports):
        return False
    changes = await family_of(ports.asset).raised(ports, tenure, batch, attempts)
    if changes is None:
        log.info("fee_capped", batch=batch.id, attempt=attempts[-1].id)
        if not has_time(batch):
            await raise_alarm(ports, tenure, "fee_capped", batch.id, freeze=False, daily=True)
        return False
    facts = {"batch": batch.id, "attempt": attempts[-1].id}
    changes = (*stays_open(ports.asset), *changes)
    try:
        await ports.ledger.post(tenure.posting("fee_raised", batch.id, *changes, facts=facts))
    except Refused as refused:
        if refused.reason is not Reason.RAIL_OFF:
            raise
        return False
    log.info("fee_raised", batch=batch.id, attempt=attempts[-1].id)
    return True


def _patience(ports: WorkerPorts) -> timedelta:
    settings = ports.settings
    if ports.asset is Asset.ETH:
        return timedelta(seconds=settings.eth_bump_after_seconds)
    return timedelta(seconds=settings.coins(ports.asset).bump_after_seconds)
