"""What the worker counts for /metrics."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

STEPS: Final = Counter("payout_worker_steps", "Steps that moved something", ["asset", "step"])
ALARMS: Final = Counter("payout_worker_alarms", "Alarms raised; about no chain those of seals", ["asset", "alarm"])
ERRORS: Final = Counter("payout_worker_errors", "Steps that ended in an error", ["asset", "unit", "error"])
IN_FLIGHT: Final = Gauge("payout_worker_in_flight", "Batches or pending purchases in flight", ["asset", "unit"])
TAIL_GROUPS: Final = Gauge("payout_worker_seal_tail_groups", "Groups of postings that wait for their seal")
TAIL_SECONDS: Final = Gauge("payout_worker_seal_tail_seconds", "For how long the oldest of them has waited")
SEALED_RECORDS: Final = Gauge("payout_worker_sealed_records", "Records up to the last seal that this worker made")
EPOCH: Final = Gauge(
    "payout_worker_lease_epoch", "The epoch in which this worker holds a lease; 0 without it", ["asset"]
)
LAST_PASS: Final = Gauge("payout_worker_last_pass_seconds", "Unix time of a unit's last whole pass", ["asset", "unit"])
