"""Which mass send a file belongs to: the same file of the same payer again does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.record import Document, Record, Target


class MassClaim(Record):
    """Which mass send a file of a payer belongs to: the same file again does nothing. ``id`` is of ``claim_id``."""

    collection: ClassVar[str] = "mass_claims"

    id: str
    mass_send: str


def claim_id(person: int, file_digest: str) -> str:
    """What stands for one file of one payer."""
    return f"{person}:{file_digest}"


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """Gives a file to a mass send: nobody's, or one's that ended without ever having run."""

    claim: MassClaim
    before: str | None

    @property
    def target(self) -> Target:
        """The claim."""
        return Target(MassClaim.collection, self.claim.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The claim. Raises ``Refused(CHANGED_MEANWHILE)`` when another upload of the same file was faster."""
        has = document["mass_send"] if document else None
        if has not in (self.before, self.claim.mass_send):
            raise Refused(Reason.CHANGED_MEANWHILE, what=MassClaim.collection)
        return self.claim.document()
