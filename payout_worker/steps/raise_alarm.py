"""Tells the owners of something that must never happen, and freezes the hot wallet where that is called for."""

from __future__ import annotations

import structlog

from payout_worker import metrics
from payout_worker.ports import UnitPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.alert import NoteAlert, of_day
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards, sealed_admins
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import MarkRail
from wallet_core.domain.receipts import alarm_message

log = structlog.get_logger(__name__)


async def raise_alarm(
    ports: UnitPorts, tenure: Tenure, alarm: str, subject: str, *, freeze: bool, daily: bool = False
) -> bool:
    """Posts the alarm about ``subject`` once for ever; with ``freeze`` nothing more is formed or signed on this rail.

    ``daily``: once on each day (UTC) on which it is raised. So is whatever can be over and come back under the same
    name: what owners saw to months ago would keep them from ever hearing of it again.

    Whoever clears ``Rail.alarm`` has looked at it: the same alarm does not freeze a second time. One that came while
    another alarm stood is told at once, and freezes when it is raised again after the other was cleared: False until
    it did.
    """
    now = await ports.store.now()
    subject = of_day(subject, now) if daily else subject
    owners = sealed_admins(await ports.store.find(Guards, {"role": Role.OWNER}), ports.core.vault.mac_fits)
    told = tuple(alarm_message(owner.id, alarm, subject, frozen=freeze, asset=ports.asset) for owner in owners)
    mark = (MarkRail(ports.asset, "alarm", f"{alarm} {subject}"),) if freeze else ()
    noted = NoteAlert(alarm, ports.asset, subject, frozen=freeze)

    def posting(key: str, *changes: MarkRail) -> Posting:
        facts = {"alarm": alarm, "subject": subject, "asset": ports.asset}
        return tenure.posting_once("alarm", key, *changes, noted, messages=told, facts=facts)

    key, done = f"alarm:{ports.asset}:{alarm}:{subject}", True
    try:
        receipt = await ports.ledger.post(posting(key, *mark))
    except Refused as refused:
        if refused.reason is not Reason.CHANGED_MEANWHILE:
            raise
        # Frozen by another alarm already: this one is still told, under a key that leaves its own for the freeze.
        receipt, done = await ports.ledger.post(posting(f"{key}:told")), False
    if not receipt.replayed:
        metrics.ALARMS.labels(ports.asset, alarm).inc()
        log.critical("alarm", alarm=alarm, subject=subject, frozen=freeze, asset=ports.asset)
    return done
