"""The table of limits: how many and how much of each operation at each level a day. Numbered, and never changed.

A table that was approved gets the next number and counts from a moment on that lies ahead, so that every process knows
it before it counts. See ``docs/decisions/0031``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.kyc import LEVELS, LEVELS_READ, LevelVersion, Limit, Operation
from wallet_core.domain.money import Asset, one_coin_minor, parse_amount
from wallet_core.domain.record import Document, Record, Target

#: The number of the table that counts where none was ever stored.
BUILT_IN: Final = 0
#: So long may be gone by what was read of the tables.
KNOWN_FOR: Final = timedelta(seconds=30)
#: So much later than it was sealed a table begins at least.
KNOWN_AHEAD: Final = 2 * KNOWN_FOR
#: So long it may take from there to its posting. The rest is for the commit, and for clocks of databases that differ.
_SEALED_FOR: Final = timedelta(seconds=10)
MOST_COUNT: Final = 100_000
MOST_MINOR: Final = 1_000_000_000 * one_coin_minor(Asset.ITD)
_LONGEST_NUMBER: Final = 9
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class LevelRow(BaseModel):
    """One limit of the table, a day; the amount in ITD minor units."""

    model_config = ConfigDict(frozen=True)

    level: int
    operation: str
    count: int
    amount_minor: int


Rows = tuple[LevelRow, ...]


class LevelDraft(Record):
    """What an owner is putting together; nothing comes of it before another one approves. ``id`` is the owner's."""

    collection: ClassVar[str] = "level_drafts"
    ledgered: ClassVar[bool] = False

    id: int
    #: The number of the table that it began with: another one meanwhile is not overwritten unseen.
    base: int
    rows: Rows
    note: str = ""
    #: HMAC of ``terms``.
    mac: str = ""

    @property
    def digest(self) -> str:
        """What is approved: the whole new table, whose draft it is, and what it follows."""
        return hashlib.sha256(self.terms()).hexdigest()

    def terms(self) -> bytes:
        """What the MAC covers; no other terms begin like it."""
        return b"level draft " + _CANONICAL.encode([self.id, self.base, _plain(self.rows), self.note]).encode()


class LevelTable(Record):
    """All limits of all levels. ``id`` is the table's number."""

    collection: ClassVar[str] = "level_tables"

    id: int
    rows: Rows
    #: From when on it counts, by the database's time.
    begins_at: datetime
    #: Who asked for it, who approved it, when, and why.
    by: int
    approved_by: int
    at: datetime
    note: str = ""
    #: HMAC of ``terms``: who writes into the database cannot raise a limit.
    mac: str = ""

    def terms(self) -> bytes:
        """What the MAC covers; no other terms begin like it. Databases cut times, so that only seconds count."""
        times = [each.isoformat(timespec="seconds") for each in (self.begins_at, self.at)]
        facts = [self.id, _plain(self.rows), *times, self.by, self.approved_by, self.note]
        return b"levels " + _CANONICAL.encode(facts).encode()

    def version(self) -> LevelVersion:
        """Its limits. Raises ``InvariantViolated`` when this program does not understand it."""
        return version_of(self.id, self.rows, self.begins_at)


@dataclass(frozen=True, slots=True)
class StoreTable:
    """Adds a table, unless so long went by since it was sealed that it might count before everybody knows it."""

    table: LevelTable

    @property
    def target(self) -> Target:
        """The new table."""
        return Target(LevelTable.collection, self.table.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The table. Raises ``Refused(CHANGED_MEANWHILE)`` when its number is taken, or it has to be sealed anew."""
        if document is not None:
            raise Refused(Reason.CHANGED_MEANWHILE, what=LevelTable.collection)
        if now > self.table.at + _SEALED_FOR:
            raise Refused(Reason.CHANGED_MEANWHILE, what=LEVELS_READ)
        return self.table.document()


def version_of(number: int, rows: Rows, begins_at: datetime | None = None) -> LevelVersion:
    """The limits of these rows; of an operation that the table does not know yet the built-in ones count.

    Raises ``InvariantViolated`` for a row that is there twice, or of a level, an operation or a size that there is not:
    an older program cannot go by a newer one's table.
    """
    levels = {level: dict(limits) for level, limits in LEVELS.items()}
    if len({(row.level, row.operation) for row in rows}) != len(rows):
        raise InvariantViolated(f"level table {number} has a limit twice")
    for row in rows:
        if not (row.level in levels and row.operation in set(Operation) and _is_fit(row)):
            raise InvariantViolated(f"level table {number} has what this program does not: {row}")
        levels[row.level][Operation(row.operation)] = Limit(row.count, row.amount_minor)
    return LevelVersion(number, levels, begins_at)


def whole(version: LevelVersion) -> Rows:
    """Every limit of a version as rows, in the order of levels and operations."""
    return tuple(
        LevelRow(level=level, operation=operation, count=limit.count, amount_minor=limit.amount_minor)
        for level, limits in sorted(version.levels.items())
        for operation, limit in limits.items()
    )


def edited(rows: Rows, words: Sequence[str]) -> Rows:
    """The rows after one typed change: ``2 payout 12 3000`` is level, operation, count and whole or broken ITD a day.

    Raises ``Refused(BAD_LEVEL)`` with what may be written.
    """
    if len(words) != len(LevelRow.model_fields):
        raise _bad()
    changed = LevelRow(
        level=_number(words[0]),
        operation=_operation(words[1]),
        count=_number(words[2]),
        amount_minor=_amount_minor(words[3]),
    )
    if changed.level not in LEVELS or not _is_fit(changed):
        raise _bad()
    place = (changed.level, changed.operation)
    return tuple(changed if (row.level, row.operation) == place else row for row in rows)


def differences(before: Rows, after: Rows) -> tuple[tuple[LevelRow, LevelRow], ...]:
    """The limits that two tables have differently, as pairs."""
    old = {(row.level, row.operation): row for row in before}
    pairs = ((old.get((row.level, row.operation), row), row) for row in after)
    return tuple((was, row) for was, row in pairs if was != row)


def check_begun(newest: LevelVersion, now: datetime) -> None:
    """Raises ``Refused(BAD_LEVEL)`` while the newest version does not count yet: one at a time lies ahead."""
    if newest.begins_at is not None and newest.begins_at > now:
        raise Refused(Reason.BAD_LEVEL, begins_at=newest.begins_at, number=newest.number)


def row_facts(row: LevelRow) -> list[int | str]:
    """A row in JSON's types: level, operation, count, and ITD minor units."""
    return [row.level, row.operation, row.count, row.amount_minor]


def typed_name(operation: str) -> str:
    """How an operation is typed: a coin's purchases by the coin alone."""
    return operation.removeprefix("purchase_")


def _is_fit(row: LevelRow) -> bool:
    return 0 <= row.count <= MOST_COUNT and 0 <= row.amount_minor <= MOST_MINOR


def _operation(text: str) -> str:
    name = text.lower()
    named = next((operation for operation in Operation if name in (operation, typed_name(operation))), None)
    if named is None:
        raise _bad()
    return named.value


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise _bad()
    return int(text)


def _amount_minor(text: str) -> int:
    try:
        return 0 if text == "0" else parse_amount(text, Asset.ITD)
    except Refused:
        raise _bad() from None


def _bad() -> Refused:
    names = tuple(typed_name(operation) for operation in Operation)
    return Refused(Reason.BAD_LEVEL, levels=tuple(LEVELS), operations=names, most_count=MOST_COUNT)


def _plain(rows: Rows) -> list[list[int | str]]:
    return [row_facts(row) for row in rows]
