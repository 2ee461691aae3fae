"""One MongoDB transaction for a group of postings: read what they touch, decide each, write it all back.

Each posting is accepted or refused on its own, in the order of the group, on what the ones before it left.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog
from pymongo import InsertOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from wallet_core.adapters.mongo.codec import CODEC_OPTIONS, encode
from wallet_core.adapters.mongo.commit_errors import UnknownCommitError, is_commit_unknown
from wallet_core.adapters.mongo.store import database_time
from wallet_core.adapters.mongo.writes import Bulk, Writes
from wallet_core.domain.errors import InvariantViolated, WalletError
from wallet_core.domain.journal import (
    GroupRecord,
    JournalRecord,
    Slot,
    fingerprint,
    group_id,
    group_terms,
    journal_document,
    replayed,
)
from wallet_core.domain.ledger import Posting, Receipt, all_changes, decide, time_of
from wallet_core.domain.record import Change, Document, Target

log = structlog.get_logger(__name__)

#: Over how many documents the balance of a platform account is spread. Two processes rarely share a stripe.
STRIPES: Final = 64
_COMMIT_TRIES: Final = 40
_COMMIT_PAUSE_SECONDS: Final = 0.25
_SNAPSHOT: Final = ReadConcern("snapshot")
_DURABLE: Final = WriteConcern(w="majority", j=True, wtimeout=20_000)

#: Some milliseconds of work.
_SLICE: Final = 64
#: Documents of one answer: the driver decodes all of it at once.
_ANSWER: Final = 512

S = TypeVar("S")
T = TypeVar("T")
Outcome = Receipt | WalletError
Mac = Callable[[bytes], str]


@dataclass
class Writer:
    """Numbers the groups of one process without a gap.

    When a commit's answer was lost nobody knows whether its number was used: a new writer begins.
    """

    name: str = field(default_factory=lambda: secrets.token_hex(8))
    number: int = 0
    stripe: int = field(default_factory=lambda: secrets.randbelow(STRIPES))

    @property
    def next_group(self) -> str:
        """The group that is committed next."""
        return group_id(self.name, self.number + 1)


class GroupCommit:
    """Commits groups, one after the other."""

    def __init__(self, database: AsyncDatabase[Document], mac: Mac) -> None:
        self._database = database
        self._mac = mac
        self._writer = Writer()

    def forget_writer(self) -> None:
        """Begins a new writer, after an error that leaves open what was committed."""
        self._writer = Writer()

    async def commit(self, postings: Sequence[Posting], *, keys_first: bool = False) -> list[Outcome]:
        """Tries once. Raises ``PyMongoError`` when nothing was committed, ``UnknownCommitError`` when nobody knows.

        Keys are rarely used twice. So they are looked up for what is refused, and otherwise left to the journal's
        ``_id``: a second use is a duplicate key error for the whole group, which is tried again with ``keys_first``.
        """
        async with self._database.client.start_session() as session:
            await session.start_transaction(_SNAPSHOT, _DURABLE, ReadPreference.PRIMARY)
            try:
                group = await self._decided(session, postings, keys_first)
            except BaseException:
                await _abort(session)
                raise
            try:
                await _commit_for_sure(session)
            except PyMongoError as error:
                if not is_commit_unknown(error):
                    raise
                raise UnknownCommitError from error
        self._writer.number += bool(group.records)
        return group.outcomes

    async def _decided(self, session: AsyncClientSession, postings: Sequence[Posting], keys_first: bool) -> _Group:
        changes = await _in_slices(postings, lambda posting: all_changes(posting, self._writer.stripe))
        touched = {change.target for some in changes for change in some}
        keys = {_key_of(posting) for posting in postings} if keys_first else set()
        # Over a connection of its own, while the documents come over this one.
        time_task = asyncio.create_task(database_time(self._database))
        try:
            before = await self._read(session, touched | keys)
            now = await time_task
        finally:
            time_task.cancel()
        group = _Group(self._writer.next_group, {target: before.get(target) for target in touched}, now)
        group.posted = {target.id: before[target] for target in keys if target in before}
        await group.decide_all(postings, changes)
        await self._answer_replays(session, postings, group.outcomes)
        await self._write(session, group, before)
        return group

    async def _answer_replays(
        self, session: AsyncClientSession, postings: Sequence[Posting], outcomes: list[Outcome]
    ) -> None:
        """What was posted before is refused by what it changed then, but is to be answered with its first result."""
        refused = {n: _key_of(p) for n, p in enumerate(postings) if isinstance(outcomes[n], WalletError)}
        first = await self._read(session, refused.values())
        for n, key in refused.items():
            if key in first:
                outcomes[n] = _first_result(postings[n], first[key])

    async def _read(self, session: AsyncClientSession, targets: Iterable[Target]) -> dict[Target, Document]:
        found: dict[Target, Document] = {}
        for name, ids in _by_collection(targets).items():
            collection = self._database.get_collection(name, codec_options=CODEC_OPTIONS)
            documents = await collection.find({"_id": {"$in": ids}}, session=session, batch_size=_ANSWER).to_list()
            found |= {Target(name, document["_id"]): document for document in documents}
        return found

    async def _write(self, session: AsyncClientSession, group: _Group, before: dict[Target, Document]) -> None:
        """Writes what changed, the records, their group. While the database does one, the next is made."""
        writes = Writes()
        await _in_slices(
            group.changed.items(), lambda changed: writes.add(changed[0], changed[1], before.get(changed[0]))
        )
        changing = asyncio.create_task(self._write_all(session, writes.bulks()))
        try:
            records = await _in_slices(group.records, lambda record: InsertOne(encode(record)))
        finally:
            await changing
        if not group.records:
            return
        recording = asyncio.create_task(self._write_all(session, {JournalRecord.collection: Bulk([*records])}))
        try:
            fingerprints = await _in_slices(group.records, fingerprint)
        finally:
            await recording
        own = InsertOne(self._record_of(group, fingerprints))
        await self._write_all(session, {GroupRecord.collection: Bulk([own])})

    async def _write_all(self, session: AsyncClientSession, bulks: Mapping[str, Bulk]) -> None:
        for name, bulk in bulks.items():
            result = await self._database[name].bulk_write(bulk.writes, ordered=False, session=session)
            if result.matched_count != bulk.matches:
                raise InvariantViolated(f"a document of {name} changed inside the transaction")

    def _record_of(self, group: _Group, fingerprints: Sequence[list[Any]]) -> Document:
        terms = group_terms(group.id, group.at, fingerprints)
        return GroupRecord(
            id=group.id,
            writer=self._writer.name,
            number=self._writer.number + 1,
            at=group.at,
            keys=tuple(record["_id"] for record in group.records),
            mac=self._mac(terms),
        ).document()


class _Group:
    """The documents of one transaction, posting after posting."""

    def __init__(self, name: str, documents: dict[Target, Document | None], now: datetime) -> None:
        self.id = name
        self.at = time_of(documents, now)
        self._now = now
        self._documents = documents
        self.posted: dict[str, Document] = {}
        self.changed: dict[Target, Document] = {}
        self.records: list[Document] = []
        self.outcomes: list[Outcome] = []

    async def decide_all(self, postings: Sequence[Posting], changes: Sequence[Sequence[Change]]) -> None:
        """Decides each posting on what the ones before it left; a refused one leaves nothing.

        Others have a turn after every slice: they touch neither the documents here nor the transaction.
        """
        since_a_turn = 0
        for posting, its_changes in zip(postings, changes, strict=True):
            self.outcomes.append(await self._outcome(posting, its_changes))
            since_a_turn += len(its_changes)
            if since_a_turn >= _SLICE:
                since_a_turn = 0
                await asyncio.sleep(0)

    async def _outcome(self, posting: Posting, changes: Sequence[Change]) -> Outcome:
        first = self.posted.get(posting.key)
        if first is not None:
            return _first_result(posting, first)
        try:
            after = await self._after(changes)
        except WalletError as refusal:
            return refusal
        self._documents.update(after)
        self.changed.update(after)
        record = journal_document(posting, after, Slot(self.id, len(self.records), self.at))
        self.posted[posting.key] = record
        self.records.append(record)
        return Receipt(posting.key, self.at, posting.facts)

    async def _after(self, changes: Sequence[Change]) -> dict[Target, Document]:
        """What one posting makes of the documents."""
        if len(changes) <= _SLICE:
            return decide(changes, self._documents, self._now, self.at)
        after: dict[Target, Document] = {}
        seen = ChainMap[Target, Document | None](dict[Target, Document | None](), self._documents)
        for start in range(0, len(changes), _SLICE):
            some = decide(changes[start : start + _SLICE], seen, self._now, self.at)
            seen.maps[0].update(some)
            after |= some
            await asyncio.sleep(0)
        return after


def _first_result(posting: Posting, first: Document) -> Outcome:
    try:
        return replayed(posting, JournalRecord.of(first))
    except WalletError as violation:
        return violation


def _key_of(posting: Posting) -> Target:
    return Target(JournalRecord.collection, posting.key)


async def _in_slices(given: Iterable[S], make: Callable[[S], T]) -> list[T]:
    """What is made of each; lets others run now and then, above all the write that is under way."""
    made: list[T] = []
    for one in given:
        made.append(make(one))
        if len(made) % _SLICE == 0:
            await asyncio.sleep(0)
    return made


def _by_collection(targets: Iterable[Target]) -> dict[str, list[Any]]:
    ids: dict[str, list[Any]] = {}
    for target in targets:
        ids.setdefault(target.collection, []).append(target.id)
    return ids


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
            await asyncio.sleep(_COMMIT_PAUSE_SECONDS)
        else:
            return
