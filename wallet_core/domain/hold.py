"""Money that is set aside until it is settled, voided or expired; each part of it exactly once.

A withdrawal and a purchase above the limit are holds with lives of their own and keep their own documents. This is the
plain form: for a mass movement that reserves its total first, and for whatever has to come back by itself in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.record import Document, Record, Target


class HoldState(StrEnum):
    """OPEN until nothing of it is left: settled to the last unit, or the rest given back."""

    OPEN = "open"
    SETTLED = "settled"
    VOIDED = "voided"
    EXPIRED = "expired"


class Hold(Record):
    """ITD of a person that is set aside, in minor units; ``left_minor`` of it is not settled yet."""

    collection: ClassVar[str] = "holds"

    id: str
    person: int
    state: HoldState = HoldState.OPEN
    amount_minor: int
    left_minor: int
    #: Stamped by the posting that opens it.
    opened_at: datetime | None = None
    #: From then on nothing is settled and the rest goes back.
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettleHold:
    """Takes a part out of an open hold; the last part settles it."""

    hold: str
    amount_minor: int

    @property
    def target(self) -> Target:
        """The hold."""
        return Target(Hold.collection, self.hold)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The hold with less left. Raises ``Refused`` NOT_FOUND, WRONG_STATE, EXPIRED or INSUFFICIENT_FUNDS."""
        hold = _open(document)
        if now >= hold.expires_at:
            raise Refused(Reason.EXPIRED, expired_at=hold.expires_at)
        if not 0 < self.amount_minor <= hold.left_minor:
            raise Refused(Reason.INSUFFICIENT_FUNDS, available_minor=hold.left_minor, needed_minor=self.amount_minor)
        left_minor = hold.left_minor - self.amount_minor
        if left_minor:
            return hold.model_copy(update={"left_minor": left_minor}).document()
        return _ended(hold, HoldState.SETTLED, now)


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Ends an open hold and gives back ``left_minor``, which must be what is left of it."""

    hold: str
    left_minor: int
    to_state: Literal[HoldState.VOIDED, HoldState.EXPIRED]

    @property
    def target(self) -> Target:
        """The hold."""
        return Target(Hold.collection, self.hold)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The ended hold. Raises ``Refused`` NOT_FOUND, WRONG_STATE (also when it is not yet time to expire it) or
        CHANGED_MEANWHILE when a part was settled since its rest was read.
        """
        hold = _open(document)
        if self.to_state is HoldState.EXPIRED and now < hold.expires_at:
            raise Refused(Reason.WRONG_STATE, what=Hold.collection, state=hold.state)
        if self.left_minor != hold.left_minor:
            raise Refused(Reason.CHANGED_MEANWHILE, what=Hold.collection)
        return _ended(hold, self.to_state, now)


def _open(document: Document | None) -> Hold:
    if document is None:
        raise Refused(Reason.NOT_FOUND, what=Hold.collection)
    hold = Hold.of(document)
    if hold.state is not HoldState.OPEN:
        raise Refused(Reason.WRONG_STATE, what=Hold.collection, state=hold.state)
    if not 0 < hold.left_minor <= hold.amount_minor:
        raise InvariantViolated(f"hold {hold.id} has {hold.left_minor} left of {hold.amount_minor}")
    return hold


def _ended(hold: Hold, state: HoldState, now: datetime) -> Document:
    return hold.model_copy(update={"state": state, "left_minor": 0, "ended_at": now}).document()
