"""``ports.Store`` on MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import InvalidBSON
from pymongo import ASCENDING, DESCENDING, ReturnDocument, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

from wallet_core.adapters.mongo.codec import CODEC_OPTIONS, decode, encode
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.pace import Tally
from wallet_core.domain.record import Document, Record
from wallet_core.ports import After, Before, Between, R, Some, Store, Where


async def database_time(database: AsyncDatabase[Document]) -> datetime:
    """The time of MongoDB's primary, in UTC."""
    local_time: datetime = (await database.command("hello", codec_options=_AWARE))["localTime"]
    return local_time.astimezone(UTC)


_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)
#: Takes also times and texts that this program never writes.
ANYTHING: CodecOptions[Document] = CodecOptions(
    tz_aware=True,
    tzinfo=UTC,
    unicode_decode_error_handler="replace",
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)
_SNAPSHOT_TOO_OLD: Final = 239
#: Records that are made before others have a turn: a millisecond or two.
_SLICE: Final = 128
#: Documents of one answer: the driver decodes all of it at once.
_ANSWER: Final = 512


@asynccontextmanager
async def reachable() -> AsyncIterator[None]:
    """Turns the driver's errors into ``Unavailable``, and into ``InvariantViolated`` for what cannot be decoded."""
    try:
        yield
    except InvalidBSON as error:
        raise InvariantViolated(str(error)) from error
    except PyMongoError as error:
        if isinstance(error, OperationFailure) and error.code == _SNAPSHOT_TOO_OLD:
            raise Unavailable(
                "reading took longer than the database keeps a snapshot: raise its server parameter "
                "minSnapshotHistoryWindowInSeconds (300 by default)"
            ) from error
        raise Unavailable("the database does not answer") from error


def as_found(document: Document) -> Document:
    """A document decoded, or as it is where it has an amount that is none: who looks for changes must be able to."""
    try:
        decoded: Document = decode(document)
    except InvariantViolated:
        return document
    return decoded


class MongoStore:
    """Reads with majority concern; writes only kinds of records that are not the ledger's."""

    def __init__(self, database: AsyncDatabase[Document], session: AsyncClientSession | None = None) -> None:
        self._database = database
        self._session = session

    async def now(self) -> datetime:
        """See ``ports.Store.now``."""
        async with reachable():
            return await database_time(self._database)

    async def get(self, kind: type[R], record_id: Any) -> R | None:
        """See ``ports.Store.get``."""
        async with reachable():
            document = await self._of(kind).find_one({"_id": record_id}, session=self._session)
        return kind.of(document) if document else None

    async def find(
        self, kind: type[R], where: Where, *, order_by: Sequence[str] = ("_id",), limit: int = 100, skip: int = 0
    ) -> list[R]:
        """See ``ports.Store.find``."""
        async with reachable():
            cursor = self._of(kind).find(
                _filter(where), sort=_order(order_by), limit=limit, skip=skip, session=self._session, batch_size=_ANSWER
            )
            found: list[R] = []
            while documents := await cursor.to_list(_SLICE):
                found += map(kind.of, documents)
                await asyncio.sleep(0)
            return found

    async def count(self, kind: type[Record], where: Where) -> int:
        """See ``ports.Store.count``."""
        async with reachable():
            return await self._of(kind).count_documents(_filter(where), session=self._session)

    async def earliest(self, kind: type[Record], where: Where, field: str, by: Sequence[str]) -> dict[Any, datetime]:
        """See ``ports.Store.earliest``."""
        group = {"_id": [f"${name}" for name in by], "first": {"$min": f"${field}"}}
        async with reachable():
            cursor = await self._of(kind).aggregate(
                [{"$match": _filter(where)}, {"$group": group}], session=self._session
            )
            return {tuple(found["_id"]): found["first"] async for found in cursor}

    async def sums(self, kind: type[Record], where: Where, fields: Sequence[str]) -> tuple[int, ...]:
        """See ``ports.Store.sums``."""
        group = {"_id": None, "count": {"$sum": 1}, **{name: {"$sum": f"${name}"} for name in fields}}
        async with reachable():
            cursor = await self._of(kind).aggregate(
                [{"$match": _filter(where)}, {"$group": group}], session=self._session
            )
            found = [decode(document) async for document in cursor]
        return (found[0]["count"], *(found[0][name] for name in fields)) if found else (0, *(0 for _ in fields))

    async def scan(self, kind: type[R], where: Where) -> AsyncIterator[R]:
        """See ``ports.Store.scan``."""
        async with reachable():
            async for document in self._of(kind).find(_filter(where), session=self._session, batch_size=1_000):
                yield kind.of(document)

    async def batches(
        self, kind: type[Record], where: Where, *, order_by: Sequence[str] = (), size: int = 1_000
    ) -> AsyncIterator[list[Document]]:
        """See ``ports.Store.batches``."""
        collection = self._of(kind).with_options(ANYTHING)
        async with reachable():
            cursor = collection.find(
                _filter(where), sort=_order(order_by) or None, session=self._session, batch_size=size
            )
            while found := await cursor.to_list(size):
                yield [as_found(document) for document in found]

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Store]:
        """See ``ports.Store.snapshot``."""
        async with self._database.client.start_session(snapshot=True) as session:
            yield MongoStore(self._database, session)

    async def put(self, record: Record) -> None:
        """See ``ports.Store.put``."""
        async with reachable():
            collection = self._writable(type(record))
            await collection.replace_one({"_id": record.id}, encode(record.document()), upsert=True)

    async def swap(self, kind: type[Record], record_id: Any, where: Where, fields: Mapping[str, Any]) -> bool:
        """See ``ports.Store.swap``."""
        async with reachable():
            fitting = {**_filter(where), "_id": record_id}
            result = await self._writable(kind).update_one(fitting, {"$set": encode(dict(fields))})
        return result.matched_count == 1

    async def tally(self, name: str, window: timedelta) -> Tally:
        """See ``ports.Store.tally``."""
        runs: Document = {"$lt": ["$$NOW", "$ends_at"]}
        end = {"$add": ["$$NOW", window // timedelta(milliseconds=1)]}
        count = {"$cond": [runs, {"$add": ["$count", 1]}, 1]}
        update: list[Document] = [{"$set": {"count": count, "ends_at": {"$cond": [runs, "$ends_at", end]}}}]
        tallies = self._of(Tally).with_options(write_concern=WriteConcern(1))
        async with reachable():
            for last in (False, True):
                try:
                    found = await tallies.find_one_and_update(
                        {"_id": name}, update, upsert=True, return_document=ReturnDocument.AFTER
                    )
                    return Tally.of(found or {})
                except DuplicateKeyError:
                    # Two began the same window at once; the second finds it.
                    if last:
                        raise
        raise AssertionError("the last try ends it")

    async def remove(self, kind: type[Record], record_id: Any) -> None:
        """See ``ports.Store.remove``."""
        async with reachable():
            await self._writable(kind).delete_one({"_id": record_id})

    async def remove_all(self, kind: type[Record], where: Where) -> None:
        """See ``ports.Store.remove_all``."""
        async with reachable():
            await self._writable(kind).delete_many(_filter(where))

    def _of(self, kind: type[Record]) -> AsyncCollection[Document]:
        return self._database.get_collection(kind.collection, codec_options=CODEC_OPTIONS)

    def _writable(self, kind: type[Record]) -> AsyncCollection[Document]:
        if kind.ledgered:
            raise InvariantViolated(f"{kind.__name__} is written by the ledger alone")
        return self._of(kind)


def _order(names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name.lstrip("-"), DESCENDING if name.startswith("-") else ASCENDING) for name in names]


def _filter(where: Where) -> Document:
    return {name: _condition(name, value) for name, value in where.items()}


def _condition(name: str, value: Any) -> Any:
    if isinstance(value, Before):
        return {"$not": {"$gt" if value.inclusive else "$gte": encode(value.value, name)}}
    if isinstance(value, After):
        return {"$gt": encode(value.value, name)}
    if isinstance(value, Between):
        return {"$gte": encode(value.start, name), "$lt": encode(value.end, name)}
    if isinstance(value, Some):
        return {"$elemMatch": _filter(value.where)}
    if isinstance(value, tuple):
        return {"$in": [encode(inner, name) for inner in value]}
    return {"$eq": encode(value, name)}
