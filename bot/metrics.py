"""What the bot counts, for ``/metrics``."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

UPDATES: Final = Counter("bot_updates", "Updates of people, by route and outcome", ["route", "outcome"])
UPDATE_SECONDS: Final = Histogram("bot_update_seconds", "From the start of an update to its answer", ["route"])
DROPPED: Final = Counter("bot_updates_dropped", "Updates of people who wrote faster than they were answered")
FAILURES: Final = Counter("bot_failures", "What must not happen, by kind", ["kind"])
OUTBOX_SENT: Final = Counter("bot_outbox", "Outbox messages, by outcome", ["outcome"])
OUTBOX_WAITING: Final = Gauge("bot_outbox_waiting", "Outbox messages that wait, as last seen")
