"""``ports.Ledger`` on MongoDB, by group commit.

Postings that arrive while a commit is under way are gathered and become the next group: one MongoDB transaction reads
every document that the group touches, decides each posting in order, and writes back what it read. There is no timer,
so a lone posting is committed at once. Each posting is still accepted or refused on its own.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError, WTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from wallet_core.adapters.mongo.codec import CODEC_OPTIONS, decode, encode
from wallet_core.adapters.mongo.store import database_time
from wallet_core.domain.errors import InvariantViolated, Unavailable, WalletError
from wallet_core.domain.ledger import (
    JournalRecord,
    Posting,
    Receipt,
    all_changes,
    check_balanced,
    decide,
    journal_record,
)
from wallet_core.domain.record import Document, Target

log = structlog.get_logger(__name__)

#: The most postings in one MongoDB transaction.
GROUP_SIZE: Final = 256
#: Some twenty seconds of tries: longer than the database keeps the locks of a process that was killed in a transaction.
_TRIES: Final = 160
_COMMIT_TRIES: Final = 40
_DUPLICATE_KEY: Final = 11_000
_LONGEST_PAUSE_SECONDS: Final = 0.25
_SNAPSHOT: Final = ReadConcern("snapshot")
_DURABLE: Final = WriteConcern(w="majority", j=True, wtimeout=20_000)

Outcome = Receipt | WalletError


@dataclass(frozen=True, slots=True)
class _Waiting:
    posting: Posting
    outcome: asyncio.Future[Receipt]


class MongoLedger:
    """Commits postings durably on a majority, in groups. Bound to one event loop, as its client is."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database
        self._queue: deque[_Waiting] = deque()
        self._committing: asyncio.Task[None] | None = None

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        check_balanced(posting)
        waiting = _Waiting(posting, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        return await asyncio.shield(waiting.outcome)

    async def _commit_all(self) -> None:
        while self._queue:
            group = [self._queue.popleft() for _ in range(min(GROUP_SIZE, len(self._queue)))]
            outcomes = await self._outcomes([waiting.posting for waiting in group])
            for waiting, outcome in zip(group, outcomes, strict=True):
                _resolve(waiting.outcome, outcome)

    async def _outcomes(self, postings: Sequence[Posting]) -> Sequence[Outcome]:
        try:
            return await self._commit(postings)
        except PyMongoError as error:
            # The message of a bulk write's error would hold whole documents.
            log.warning("ledger_refused", error=type(error).__name__, postings=len(postings))
            if not _is_refusal(error):
                return [Unavailable("the ledger does not answer")] * len(postings)
        except Exception:
            # Whatever it is, those who wait must hear of it, and the next group must still be committed.
            log.exception("ledger_failed", postings=len(postings))
        return await self._one_by_one(postings)

    async def _one_by_one(self, postings: Sequence[Posting]) -> Sequence[Outcome]:
        """The database will not take one posting of the group, ever: the others must not suffer from it."""
        if len(postings) == 1:
            return [InvariantViolated(f"the database does not take the posting {postings[0].key}")]
        return [(await self._outcomes([posting]))[0] for posting in postings]

    async def _commit(self, postings: Sequence[Posting]) -> Sequence[Outcome]:
        """Tries the group as a whole until it is committed; a rival's commit in between makes it be decided anew."""
        for attempt in range(_TRIES):
            try:
                return await self._try_once(postings)
            except PyMongoError as error:
                # What is unique may have been inserted since the snapshot: the next reading will see it.
                again = error.has_error_label("TransientTransactionError") or (_is_duplicate(error) and attempt < 3)
                if not again or attempt == _TRIES - 1:
                    raise
            # At random, because two processes that retry at once meet again.
            await asyncio.sleep(random.uniform(0, min(0.002 * 2**attempt, _LONGEST_PAUSE_SECONDS)))  # noqa: S311
        raise Unavailable("the ledger is too busy")

    async def _try_once(self, postings: Sequence[Posting]) -> Sequence[Outcome]:
        now = await database_time(self._database)
        async with self._database.client.start_session() as session:
            await session.start_transaction(_SNAPSHOT, _DURABLE, ReadPreference.PRIMARY)
            try:
                outcomes = await self._decide(session, postings, now)
            except BaseException:
                await _abort(session)
                raise
            await _commit_for_sure(session)
        return outcomes

    async def _decide(self, session: AsyncClientSession, postings: Sequence[Posting], now: datetime) -> list[Outcome]:
        touched = {change.target for posting in postings for change in all_changes(posting)}
        keys = {Target(JournalRecord.collection, posting.key) for posting in postings}
        before = await self._read(session, touched | keys)
        group = _Group({target: before.get(target) for target in touched}, now)
        group.posted = {target.id: before[target] for target in keys if target in before}
        outcomes = [group.outcome(posting) for posting in postings]
        await self._write(session, group, before)
        return outcomes

    async def _read(self, session: AsyncClientSession, targets: Iterable[Target]) -> dict[Target, Document]:
        found: dict[Target, Document] = {}
        for name, ids in _by_collection(targets).items():
            collection = self._database.get_collection(name, codec_options=CODEC_OPTIONS)
            async for document in collection.find({"_id": {"$in": ids}}, session=session):
                found[Target(name, document["_id"])] = decode(document)
        return found

    async def _write(self, session: AsyncClientSession, group: _Group, before: dict[Target, Document]) -> None:
        writes: dict[str, list[InsertOne[Document] | ReplaceOne[Document]]] = {}
        for target, document in group.changed.items():
            writes.setdefault(target.collection, []).append(_write_of(document, before.get(target)))
        for record in group.records:
            writes.setdefault(JournalRecord.collection, []).append(InsertOne(encode(record)))
        for name, operations in writes.items():
            result = await self._database[name].bulk_write(operations, session=session)
            replaced = sum(isinstance(operation, ReplaceOne) for operation in operations)
            if result.matched_count != replaced:
                raise InvariantViolated(f"a document of {name} changed inside the transaction")


class _Group:
    """The documents of one transaction, posting after posting."""

    def __init__(self, documents: dict[Target, Document | None], now: datetime) -> None:
        self._documents = documents
        self._now = now
        self.posted: dict[str, Document] = {}
        self.changed: dict[Target, Document] = {}
        self.records: list[Document] = []

    def outcome(self, posting: Posting) -> Outcome:
        """Decides one posting on what the ones before it left; a refused one leaves nothing."""
        first = self.posted.get(posting.key)
        if first is not None:
            return replayed(posting, JournalRecord.of(first))
        try:
            after = decide(posting, self._documents, self._now)
        except WalletError as refusal:
            return refusal
        self._documents.update(after)
        self.changed.update(after)
        record = journal_record(posting, self._now).document()
        self.posted[posting.key] = record
        self.records.append(record)
        return Receipt(posting.key, self._now, posting.facts)


def replayed(posting: Posting, first: JournalRecord) -> Outcome:
    """The first result of a key, or the violation when its content was another."""
    if first.digest != posting.digest():
        return InvariantViolated(f"the key {posting.key} was used with other content")
    return Receipt(first.id, first.at, first.facts, replayed=True)


def _is_refusal(error: PyMongoError) -> bool:
    """Whether the server understood the write and will never take it: a validator, a unique index, a bad value."""
    if error.has_error_label("TransientTransactionError") or error.has_error_label("UnknownTransactionCommitResult"):
        return False
    return isinstance(error, OperationFailure) and not isinstance(error, WTimeoutError)


def _is_duplicate(error: PyMongoError) -> bool:
    """Whether a unique index refused a write, by itself or among the writes of a bulk."""
    if isinstance(error, BulkWriteError):
        return any(write["code"] == _DUPLICATE_KEY for write in error.details["writeErrors"])
    return isinstance(error, DuplicateKeyError)


def _write_of(document: Document, before: Document | None) -> InsertOne[Document] | ReplaceOne[Document]:
    version = before["version"] if before else 0
    after = {**encode(document), "version": version + 1}
    if before is None:
        return InsertOne(after)
    return ReplaceOne({"_id": document["_id"], "version": version}, after)


def _by_collection(targets: Iterable[Target]) -> dict[str, list[Any]]:
    ids: dict[str, list[Any]] = {}
    for target in targets:
        ids.setdefault(target.collection, []).append(target.id)
    return ids


def _resolve(waiting: asyncio.Future[Receipt], outcome: Outcome) -> None:
    if waiting.done():
        return
    if isinstance(outcome, Receipt):
        waiting.set_result(outcome)
    else:
        waiting.set_exception(outcome)


async def _abort(session: AsyncClientSession) -> None:
    """Best effort: the server forgets the transaction by itself."""
    try:
        await session.abort_transaction()
    except PyMongoError:
        log.debug("abort_unanswered")


async def _commit_for_sure(session: AsyncClientSession) -> None:
    """Commits, and asks again while the answer is unknown: committing twice is safe (MongoDB's transaction spec)."""
    for attempt in range(_COMMIT_TRIES):
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult") or attempt == _COMMIT_TRIES - 1:
                raise
            await asyncio.sleep(_LONGEST_PAUSE_SECONDS)
        else:
            return
