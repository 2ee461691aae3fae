"""What is kept in the database, as immutable typed records.

The field ``id`` is the document's ``_id``. Every field whose name ends in ``_minor`` is an amount in minor units, and
is stored as an exact decimal. ``version`` counts a document's writes and belongs to the ledger alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from pydantic import BaseModel, ConfigDict

#: A stored document, keyed by field name; ``_id`` is its identity.
Document = dict[str, Any]


def _stored_name(field: str) -> str:
    return "_id" if field == "id" else field


class Record(BaseModel):
    """One document of one collection."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore", alias_generator=_stored_name)

    #: The collection's name.
    collection: ClassVar[str]
    #: True when only ``Ledger.post`` may write it, because a movement's guards rely on it.
    ledgered: ClassVar[bool] = True

    id: Any

    @classmethod
    def of(cls, document: Document) -> Self:
        """The record of a stored document."""
        return cls.model_validate(document)

    def document(self) -> Document:
        """The record as it is stored."""
        return self.model_dump(by_alias=True)


class Target(NamedTuple):
    """A document that a change reads and writes."""

    collection: str
    id: Any


class Change(Protocol):
    """A guard, an effect, or both, on one document. What it reads, it writes: a guard must conflict with a rival."""

    @property
    def target(self) -> Target:
        """The one document that is read and written."""

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The document afterwards; ``document`` is None where there is none. ``now`` is database time.

        Raises ``Refused`` and then changes nothing.
        """
