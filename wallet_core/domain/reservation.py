"""What only one batch may use: a nonce, or a coin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target


class Reservation(Record):
    """What only one batch may use: a nonce (``<lease>:<nonce>``), or a coin (``<asset>:<outpoint>``)."""

    collection: ClassVar[str] = "reservations"

    id: str
    asset: Asset
    batch: str


@dataclass(frozen=True, slots=True)
class Reserve:
    """Gives something to a batch: what nobody has, what ``before`` had and can never use any more, or what it has.

    A batch may be given the same again: a child that was wanted, and then not needed, is wanted again.
    """

    reservation: Reservation
    before: str | None = None

    @property
    def target(self) -> Target:
        """The reservation."""
        return Target(Reservation.collection, self.reservation.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The reservation. Raises ``Refused(CHANGED_MEANWHILE)`` when another batch has it."""
        has = document["batch"] if document else None
        if has not in (self.before, self.reservation.batch):
            raise Refused(Reason.CHANGED_MEANWHILE, what=Reservation.collection)
        return self.reservation.document()
