"""Who may work on a chain's hot wallet: a lease with an epoch, and the guards that make a stale worker harmless.

Safety needs no clock: every transition of a batch writes the lease under its epoch, so whoever was overtaken cannot
commit. Time only decides when another worker may take over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target

#: The lease of whoever chains what all processes post.
SEAL_LEASE: Final = "seal"
#: The lease of whoever runs the mass sends.
MASS_LEASE: Final = "mass_send"


class Lease(Record):
    """Who works on a chain's hot wallet; every transition of its batches writes it with the epoch in the guard."""

    collection: ClassVar[str] = "leases"

    id: str
    epoch: int
    holder: str
    #: The holder has let it go: for another worker, by its name, or with an empty name for whoever comes first.
    released_for: str | None = None


class Heartbeat(Record):
    """When the lease's holder was last alive; kept apart from the lease, or it would fight long settlements."""

    collection: ClassVar[str] = "heartbeats"
    ledgered: ClassVar[bool] = False

    id: str
    epoch: int
    holder: str
    at: datetime


class Wish(Record):
    """A worker that stands by for a lease, could serve its rail at once, and has so many others."""

    collection: ClassVar[str] = "wishes"
    ledgered: ClassVar[bool] = False

    #: The lease and the worker.
    id: str
    lease: str
    worker: str
    has: int
    at: datetime


def lease_id(asset: Asset, network: str, sender: str) -> str:
    """The lease of one hot wallet on one chain."""
    return f"{asset}:{network}:{sender}"


@dataclass(frozen=True, slots=True)
class HoldLease:
    """Refuses unless the lease still has this epoch; written back, so that a takeover conflicts."""

    lease: str
    epoch: int

    @property
    def target(self) -> Target:
        """The lease."""
        return Target(Lease.collection, self.lease)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The lease unchanged. Raises ``Refused(LEASE_LOST)`` when another epoch has begun, or it was let go."""
        is_free = document is not None and document.get("released_for") is not None
        if document is None or is_free or document["epoch"] != self.epoch:
            raise Refused(Reason.LEASE_LOST, lease=self.lease, epoch=self.epoch)
        return document


@dataclass(frozen=True, slots=True)
class ReleaseLease:
    """Lets a lease go: nothing more is posted in its epoch, and nobody needs to wait until its holder is silent.

    ``to`` is the worker that it is meant for, empty for whoever comes first.
    """

    lease: str
    epoch: int
    to: str = ""

    @property
    def target(self) -> Target:
        """The lease."""
        return Target(Lease.collection, self.lease)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The lease, free in the same epoch. Raises ``Refused(LEASE_LOST)`` when another one has begun."""
        return {**HoldLease(self.lease, self.epoch).apply(document, now), "released_for": self.to}


@dataclass(frozen=True, slots=True)
class TakeLease:
    """Begins a new epoch, unless somebody else did so since the last one was read. ``before`` 0: there was none."""

    lease: str
    holder: str
    before: int

    @property
    def target(self) -> Target:
        """The lease."""
        return Target(Lease.collection, self.lease)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The lease in its next epoch. Raises ``Refused(LEASE_LOST)`` when another worker was faster."""
        present = document["epoch"] if document else 0
        if present != self.before:
            raise Refused(Reason.LEASE_LOST, lease=self.lease, epoch=present)
        return Lease(id=self.lease, epoch=present + 1, holder=self.holder).document()
