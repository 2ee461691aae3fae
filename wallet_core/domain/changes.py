"""The guards and effects of which postings are made. Each reads and writes one document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.record import Document, Record, Target


@dataclass(frozen=True, slots=True)
class Insert:
    """Adds a record that must not be there yet; ``stamp`` names the field that receives the time of the posting."""

    record: Record
    stamp: str | None = None

    @property
    def target(self) -> Target:
        """The new document."""
        return Target(self.record.collection, self.record.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The new document. Raises ``Refused(CHANGED_MEANWHILE)`` when somebody else added it first."""
        if document is not None:
            raise Refused(Reason.CHANGED_MEANWHILE, what=self.record.collection)
        new = self.record.document()
        return {**new, self.stamp: now} if self.stamp else new


@dataclass(frozen=True, slots=True)
class Move:
    """Moves a record from one of its allowed old states to a new one, and sets fields beside it.

    ``expires`` refuses when the record's ``expires_at`` has passed. ``expected`` are fields that must still have the
    values that the decision was made on.
    """

    kind: type[Record]
    id: Any
    from_states: frozenset[str]
    to_state: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)
    expires: bool = False
    stamp: str | None = None

    @property
    def target(self) -> Target:
        """The record that moves."""
        return Target(self.kind.collection, self.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The moved record. Raises ``Refused`` with NOT_FOUND, WRONG_STATE, EXPIRED or CHANGED_MEANWHILE."""
        if document is None:
            raise Refused(Reason.NOT_FOUND, what=self.kind.collection)
        if document["state"] not in self.from_states:
            raise Refused(Reason.WRONG_STATE, what=self.kind.collection, state=document["state"])
        if self.expires and now > document["expires_at"]:
            raise Refused(Reason.EXPIRED, expired_at=document["expires_at"])
        if any(document.get(name) != value for name, value in self.expected.items()):
            raise Refused(Reason.CHANGED_MEANWHILE, what=self.kind.collection)
        stamped = {self.stamp: now} if self.stamp else {}
        return {**document, **self.fields, **stamped, "state": self.to_state}


@dataclass(frozen=True, slots=True)
class Advance:
    """Compare-and-set of one number in a record: refuses unless it still is ``before``. ``also`` is set with it."""

    kind: type[Record]
    id: Any
    field: str
    before: int
    after: int
    also: Mapping[str, Any] | None = None

    @property
    def target(self) -> Target:
        """The record with the number."""
        return Target(self.kind.collection, self.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The record with the new number. Raises ``Refused(CHANGED_MEANWHILE)`` when somebody was faster."""
        if document is None:
            raise InvariantViolated(f"no {self.kind.collection} {self.id}")
        if document[self.field] != self.before:
            raise Refused(Reason.CHANGED_MEANWHILE, what=self.field)
        return {**document, **(self.also or {}), self.field: self.after}


@dataclass(frozen=True, slots=True)
class Require:
    """Refuses unless the record still has these values; written back, so that a rival change conflicts."""

    kind: type[Record]
    id: Any
    expected: Mapping[str, Any]
    reason: Reason = Reason.CHANGED_MEANWHILE

    @property
    def target(self) -> Target:
        """The record that is relied on."""
        return Target(self.kind.collection, self.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The record unchanged. Raises ``Refused(reason)`` when it is not as expected."""
        if document is None or any(document.get(name) != value for name, value in self.expected.items()):
            raise Refused(self.reason, what=self.kind.collection)
        return document
