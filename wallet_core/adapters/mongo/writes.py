"""What is written of the documents of one transaction: those that change alike share one update.

A batch of thousands writes the same into each of its payouts, and nothing but the version into the guards of their
people. An update costs the server two and a half times what one more document in an update costs it; see
``docs/decisions/0030``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pymongo import InsertOne, UpdateMany, UpdateOne

from wallet_core.adapters.mongo.codec import encode
from wallet_core.domain.record import Document, Target

Write = InsertOne[Document] | UpdateOne | UpdateMany

#: What is stored alike where it compares alike and has one type. Whatever has parts is never compared.
_COMPARED: Final = (str, int, float, datetime, bytes, type(None))


@dataclass(slots=True)
class Bulk:
    """Writes of one collection, and how many documents their updates must find."""

    writes: list[Write] = field(default_factory=list)
    matches: int = 0


class Writes:
    """Gathers the writes of documents that were read in the same transaction.

    A rival's commit since then is a write conflict. The version makes a guard that changes nothing a write all the
    same; MongoDB skips an update that changes nothing, and then it conflicts with nobody.
    """

    def __init__(self) -> None:
        self._bulks: dict[str, Bulk] = {}
        self._updates: dict[Any, tuple[Target, Document, list[Any]]] = {}

    def add(self, target: Target, document: Document, before: Document | None) -> None:
        """The write of one document; each target comes once."""
        if before is None:
            self._of(target).writes.append(InsertOne({**encode(document), "version": 1}))
            return
        changed = {} if document is before else _changed(document, before)
        alike = self._updates.setdefault(_likeness(target, changed), (target, changed, []))
        alike[2].append(target.id)

    def bulks(self) -> dict[str, Bulk]:
        """All of them by collection, in no order that matters. Called once."""
        for target, changed, ids in self._updates.values():
            bulk = self._of(target)
            bulk.writes.append(_update(changed, ids))
            bulk.matches += len(ids)
        return self._bulks

    def _of(self, target: Target) -> Bulk:
        return self._bulks.setdefault(target.collection, Bulk())


def _changed(document: Document, before: Document) -> Document:
    return {name: value for name, value in document.items() if name not in before or before[name] != value}


def _likeness(target: Target, changed: Document) -> Any:
    """The same for documents into which the same is written; the target itself where nothing else can be compared."""
    if all(isinstance(value, _COMPARED) for value in changed.values()):
        return (target.collection, *((name, type(value), value) for name, value in changed.items()))
    return target


def _update(changed: Document, ids: list[Any]) -> UpdateOne | UpdateMany:
    update: Document = {"$inc": {"version": 1}}
    if changed:
        update["$set"] = encode(changed)
    # The server finds one by its `_id` alone without making a plan.
    return UpdateOne({"_id": ids[0]}, update) if len(ids) == 1 else UpdateMany({"_id": {"$in": ids}}, update)
