"""Changes of the way into an account that wait, and are announced while they wait, before they can be carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.record import Document, Record, Target

#: So often the person is told again while something waits.
TOLD_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MoveWhenDue:
    """A move of a record's state that is not made before the record's ``due_at``, by database time."""

    move: Move

    @property
    def target(self) -> Target:
        """The record that moves."""
        return self.move.target

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The moved record. Raises ``Refused(NOT_YET)`` with ``due_at``, and whatever the move itself refuses."""
        after = self.move.apply(document, now)
        if now < after["due_at"]:
            raise Refused(Reason.NOT_YET, due_at=after["due_at"])
        return after


@dataclass(frozen=True, slots=True)
class BeginWait:
    """Moves a record's state, and lets it be due after ``wait``."""

    move: Move
    wait: timedelta

    @property
    def target(self) -> Target:
        """The record that moves."""
        return self.move.target

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The moved record, with ``due_at`` and the time at which the person is told again."""
        after = self.move.apply(document, now)
        return {**after, "due_at": now + self.wait, "tell_at": _next(now, now + self.wait)}


@dataclass(frozen=True, slots=True)
class ToldAgain:
    """The person is told once more, where the record still waits as it did and it is time to."""

    kind: type[Record]
    id: str
    expected: Mapping[str, Any]

    @property
    def target(self) -> Target:
        """The record that waits."""
        return Target(self.kind.collection, self.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The record with the next time. Raises ``Refused(CHANGED_MEANWHILE)`` when it moved, or was told of."""
        if document is None or any(document.get(name) != value for name, value in self.expected.items()):
            raise Refused(Reason.CHANGED_MEANWHILE, what=self.kind.collection)
        due_at = document.get("due_at")
        return {**document, "tell_at": _next(now, due_at)}


def _next(now: datetime, due_at: datetime | None) -> datetime | None:
    """A day from now, or when it is due if that comes first; None once that was told."""
    if due_at is None:
        return now + TOLD_EVERY
    return min(now + TOLD_EVERY, due_at) if now < due_at else None
