"""How much a hot wallet should have: its floor, its ceiling, and the middle that it is brought back to. Pure.

What waits in the queue comes on top: it is as good as gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Message
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Document, Record, Target

#: A shortage that has grown to so many halves of what people were told is told anew.
_GROWN_HALVES: Final = 3


class Level(Record):
    """A hot wallet as its worker last saw it; a floor or ceiling of 0 is none. Amounts in the coin's minor units."""

    collection: ClassVar[str] = "levels"
    ledgered: ClassVar[bool] = False

    id: Asset
    address: str
    #: What it has, less all that batches under way may still take.
    free_minor: int
    queued_minor: int
    floor_minor: int
    ceiling_minor: int
    at: datetime

    @property
    def target_minor(self) -> int:
        """What it is brought to: the middle, or twice a floor that stands alone, and the queue on top."""
        if not self.ceiling_minor:
            return 2 * self.floor_minor + self.queued_minor
        return (self.floor_minor + self.ceiling_minor) // 2 + self.queued_minor

    @property
    def missing_minor(self) -> int:
        """What it takes to reach the target, below the floor; else 0."""
        is_short = self.floor_minor > 0 and self.free_minor < self.floor_minor + self.queued_minor
        return self.target_minor - self.free_minor if is_short else 0

    @property
    def surplus_minor(self) -> int:
        """What it has more than the target, above the ceiling; else 0."""
        is_full = self.ceiling_minor > 0 and self.free_minor - self.queued_minor > self.ceiling_minor
        return self.free_minor - self.target_minor if is_full else 0

    def news(self, told_minor: int) -> int | None:
        """What people are to be told is missing now, 0 that it is filled again; None while what they know will do."""
        missing_minor = self.missing_minor
        if not told_minor or not missing_minor:
            return missing_minor if bool(told_minor) != bool(missing_minor) else None
        return missing_minor if 2 * missing_minor >= _GROWN_HALVES * told_minor else None


class LevelStep(StrEnum):
    """What a notice about a hot wallet says."""

    SHORT = "short"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class MarkShort:
    """Notes on a rail how much people were told is missing in its hot wallet; 0: nothing."""

    asset: Asset
    before: int
    after: int

    @property
    def target(self) -> Target:
        """The rail."""
        return Target(Rail.collection, self.asset)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The marked rail. Raises ``Refused(CHANGED_MEANWHILE)`` when another amount was told."""
        if document is None:
            raise InvariantViolated(f"no rail {self.asset}")
        if document.get("short_minor", 0) != self.before:
            raise Refused(Reason.CHANGED_MEANWHILE, what="short_minor")
        began = bool(self.after) and not self.before
        return {**document, "short_minor": self.after, "shortages": document.get("shortages", 0) + began}


def level_message(person: int, level: Level, missing_minor: int, shortage: int, payment_uri: str) -> Message:
    """What an admin is told of a shortage; what comes later of the same one edits it."""
    step = LevelStep.SHORT if missing_minor else LevelStep.FILLED
    facts: dict[str, Any] = {
        "step": step.value,
        "asset": level.id,
        "address": level.address,
        "missing_minor": missing_minor,
        "free_minor": level.free_minor,
        "queued_minor": level.queued_minor,
        "floor_minor": level.floor_minor,
        "payment_uri": payment_uri,
    }
    return Message(person, "hot_wallet", facts, thread=f"hot:{level.id}:{shortage}")
