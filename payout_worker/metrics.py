"""What the worker counts for /metrics."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

STEPS: Final = Counter("payout_worker_steps", "Steps that moved something", ["step"])
ALARMS: Final = Counter("payout_worker_alarms", "Alarms raised", ["alarm"])
ERRORS: Final = Counter("payout_worker_errors", "Steps that ended in an error", ["unit", "error"])
IN_FLIGHT: Final = Gauge("payout_worker_in_flight", "Batches or pending purchases in flight", ["unit"])
TAIL_GROUPS: Final = Gauge("payout_worker_seal_tail_groups", "Groups of postings that wait for their seal")
TAIL_SECONDS: Final = Gauge("payout_worker_seal_tail_seconds", "For how long the oldest of them has waited")
SEALED_RECORDS: Final = Gauge("payout_worker_sealed_records", "Records up to the last seal that this worker made")
EPOCH: Final = Gauge("payout_worker_lease_epoch", "The epoch of the lease that this worker holds; 0 without one")
