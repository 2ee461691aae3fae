"""What is written of the documents of a transaction: alike together, each with its version, nothing lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import InsertOne, UpdateMany, UpdateOne

from wallet_core.adapters.mongo.codec import to_decimal
from wallet_core.adapters.mongo.writes import Bulk, Writes
from wallet_core.domain.record import Document, Target

AT = datetime(2026, 11, 26, tzinfo=UTC)
VERSION = {"$inc": {"version": 1}}


def bulk_of(*documents: tuple[Document, Document | None]) -> Bulk:
    writes = Writes()
    for document, before in documents:
        writes.add(Target("things", document["_id"]), document, before)
    (bulk,) = writes.bulks().values()
    return bulk


def changed(id_: int, **fields: Any) -> tuple[Document, Document]:
    """A document into which these fields were written."""
    before = {"_id": id_, "state": "old", "version": 7}
    return {**before, **fields}, before


def test_what_was_not_there_is_inserted_as_its_first_version() -> None:
    bulk = bulk_of(({"_id": 1, "amount_minor": 5}, None))
    assert bulk.writes == [InsertOne({"_id": 1, "amount_minor": to_decimal(5), "version": 1})]
    assert bulk.matches == 0


def test_only_what_changed_is_written() -> None:
    bulk = bulk_of(changed(1, state="new", amount_minor=5))
    assert bulk.writes == [UpdateOne({"_id": 1}, {**VERSION, "$set": {"state": "new", "amount_minor": to_decimal(5)}})]
    assert bulk.matches == 1


def test_a_guard_that_changes_nothing_is_written_all_the_same() -> None:
    document = {"_id": 1, "version": 7}
    assert bulk_of((document, document)).writes == [UpdateOne({"_id": 1}, VERSION)]
    assert bulk_of(({**document}, document)).writes == [UpdateOne({"_id": 1}, VERSION)]


def test_documents_that_change_alike_share_one_update_which_must_find_all_of_them() -> None:
    bulk = bulk_of(*(changed(id_, state="new", at=AT) for id_ in (3, 1, 2)), changed(4, state="other", at=AT))
    together, alone = bulk.writes
    assert together == UpdateMany({"_id": {"$in": [3, 1, 2]}}, {**VERSION, "$set": {"state": "new", "at": AT}})
    assert alone == UpdateOne({"_id": 4}, {**VERSION, "$set": {"state": "other", "at": AT}})
    assert bulk.matches == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), (1, 1.0), (None, False), ("1", 1), (b"1", "1"), (AT, AT + timedelta(milliseconds=1))],
)
def test_what_compares_alike_and_is_stored_otherwise_is_not_written_together(one: Any, other: Any) -> None:
    bulk = bulk_of(changed(1, value=one), changed(2, value=other))
    assert [write._doc["$set"]["value"] for write in bulk.writes] == [one, other]
    assert [type(write._doc["$set"]["value"]) for write in bulk.writes] == [type(one), type(other)]


@pytest.mark.parametrize("value", [[1], (1,), {"a": 1}])
def test_what_has_parts_is_written_by_itself(value: Any) -> None:
    bulk = bulk_of(changed(1, value=value), changed(2, value=value))
    assert [type(write) for write in bulk.writes] == [UpdateOne, UpdateOne]


def test_collections_are_kept_apart() -> None:
    writes = Writes()
    for collection in ("a", "b"):
        document = {"_id": 1, "version": 1}
        writes.add(Target(collection, 1), document, document)
    assert {name: bulk.matches for name, bulk in writes.bulks().items()} == {"a": 1, "b": 1}
