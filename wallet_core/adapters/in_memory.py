"""``ports.Ledger`` and ``ports.Store`` in a dictionary, for tests and for trying out: same rules, no durability."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from wallet_core.adapters.sealed_file import open_file, seal_file
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, WalletError
from wallet_core.domain.journal import (
    GROUP_SIZE,
    GroupRecord,
    JournalRecord,
    Slot,
    fingerprint,
    group_id,
    group_terms,
    journal_document,
    replayed,
)
from wallet_core.domain.ledger import Posting, Receipt, all_changes, check_balanced, decide, time_of
from wallet_core.domain.pace import Tally
from wallet_core.domain.record import Document, Record, Target
from wallet_core.domain.seal import Mac
from wallet_core.ports import After, Before, Between, R, Some, Store, Where

#: Who writes the groups.
_WRITER: Final = "memory"


def _unkeyed(terms: bytes) -> str:
    return hashlib.sha256(terms).hexdigest()


class InMemory:
    """A ledger and a store over one dictionary. ``clock`` stands for the database's time, ``mac`` for the vault's."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC), mac: Mac = _unkeyed) -> None:
        self.documents: dict[Target, Document] = {}
        self.clock = clock
        self._mac = mac
        self._groups = 0

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        check_balanced(posting)
        first = await self.get(JournalRecord, posting.key)
        if first is not None:
            return replayed(posting, first)
        changes = all_changes(posting)
        touched = {change.target: self.documents.get(change.target) for change in changes}
        at = time_of(touched, self.clock())
        after = decide(changes, touched, self.clock(), at)
        self.documents.update(after)
        self._groups += 1
        group = group_id(_WRITER, self._groups)
        record = journal_document(posting, after, Slot(group, self._groups % GROUP_SIZE, at))
        self.documents[Target(JournalRecord.collection, posting.key)] = record
        code = self._mac(group_terms(group, at, [fingerprint(record)]))
        self._keep(GroupRecord(id=group, writer=_WRITER, number=self._groups, at=at, keys=(posting.key,), mac=code))
        return Receipt(posting.key, at, posting.facts)

    async def post_many(self, postings: Sequence[Posting]) -> list[Receipt | WalletError]:
        """See ``ports.Ledger.post_many``."""
        outcomes: list[Receipt | WalletError] = []
        for posting in postings:
            try:
                outcomes.append(await self.post(posting))
            except WalletError as error:
                outcomes.append(error)
        return outcomes

    async def now(self) -> datetime:
        """See ``ports.Store.now``."""
        return self.clock()

    async def get(self, kind: type[R], record_id: Any) -> R | None:
        """See ``ports.Store.get``."""
        document = self.documents.get(Target(kind.collection, record_id))
        return kind.of(document) if document else None

    async def find(
        self, kind: type[R], where: Where, *, order_by: Sequence[str] = ("_id",), limit: int = 100, skip: int = 0
    ) -> list[R]:
        """See ``ports.Store.find``."""
        found = self._fitting(kind, where, order_by)
        return [kind.of(document) for document in found[skip : skip + limit]]

    async def count(self, kind: type[Record], where: Where) -> int:
        """See ``ports.Store.count``."""
        return sum(t.collection == kind.collection and _fits(d, where) for t, d in self.documents.items())

    async def earliest(self, kind: type[Record], where: Where, field: str, by: Sequence[str]) -> dict[Any, datetime]:
        """See ``ports.Store.earliest``."""
        found: dict[Any, datetime] = {}
        for document in self._fitting(kind, where, ()):
            key = tuple(document[name] for name in by)
            found[key] = min(found.get(key, document[field]), document[field])
        return found

    async def sums(self, kind: type[Record], where: Where, fields: Sequence[str]) -> tuple[int, ...]:
        """See ``ports.Store.sums``."""
        found = self._fitting(kind, where, ())
        return (len(found), *(sum(document[name] for document in found) for name in fields))

    async def scan(self, kind: type[R], where: Where) -> AsyncIterator[R]:
        """See ``ports.Store.scan``."""
        for record in await self.find(kind, where, limit=len(self.documents)):
            yield record

    async def batches(
        self, kind: type[Record], where: Where, *, order_by: Sequence[str] = (), size: int = 1_000
    ) -> AsyncIterator[list[Document]]:
        """See ``ports.Store.batches``."""
        found = self._fitting(kind, where, order_by)
        for start in range(0, len(found), size):
            yield found[start : start + size]

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Store]:
        """See ``ports.Store.snapshot``."""
        frozen = InMemory(self.clock, self._mac)
        frozen.documents = dict(self.documents)
        yield frozen

    async def put(self, record: Record) -> None:
        """See ``ports.Store.put``."""
        _refuse_ledgered(type(record))
        self._keep(record)

    async def swap(self, kind: type[Record], record_id: Any, where: Where, fields: Mapping[str, Any]) -> bool:
        """See ``ports.Store.swap``."""
        _refuse_ledgered(kind)
        target = Target(kind.collection, record_id)
        document = self.documents.get(target)
        if document is None or not _fits(document, where):
            return False
        self.documents[target] = {**document, **fields}
        return True

    async def tally(self, name: str, window: timedelta) -> Tally:
        """See ``ports.Store.tally``."""
        now, before = self.clock(), await self.get(Tally, name)
        running = before if before is not None and now < before.ends_at else None
        count, ends_at = (running.count, running.ends_at) if running else (0, now + window)
        tally = Tally(id=name, count=count + 1, ends_at=ends_at)
        self._keep(tally)
        return tally

    async def remove(self, kind: type[Record], record_id: Any) -> None:
        """See ``ports.Store.remove``."""
        _refuse_ledgered(kind)
        self.documents.pop(Target(kind.collection, record_id), None)

    async def remove_all(self, kind: type[Record], where: Where) -> None:
        """See ``ports.Store.remove_all``."""
        _refuse_ledgered(kind)
        for document in self._fitting(kind, where, ()):
            del self.documents[Target(kind.collection, document["_id"])]

    def _fitting(self, kind: type[Record], where: Where, order_by: Sequence[str]) -> list[Document]:
        found = [d for t, d in self.documents.items() if t.collection == kind.collection and _fits(d, where)]
        for name in reversed(order_by):
            found.sort(key=itemgetter(name.lstrip("-")), reverse=name.startswith("-"))
        return found

    def _keep(self, record: Record) -> None:
        self.documents[Target(record.collection, record.id)] = record.document()


class DocumentsInMemory:
    """``ports.Documents`` in a dictionary; sealed as everywhere."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    async def keep(self, document_id: str, content: bytes, *, key: bytes, bound_to: str) -> str:
        """See ``ports.Documents.keep``."""
        self.stored[document_id] = seal_file(content, key=key, bound_to=bound_to)
        return hashlib.sha256(self.stored[document_id]).hexdigest()

    async def read(self, document_id: str, *, key: bytes, bound_to: str) -> bytes:
        """See ``ports.Documents.read``."""
        if document_id not in self.stored:
            raise Refused(Reason.DOCUMENTS_GONE)
        return open_file(self.stored[document_id], key=key, bound_to=bound_to)

    async def remove(self, document_id: str) -> None:
        """See ``ports.Documents.remove``."""
        self.stored.pop(document_id, None)


def _refuse_ledgered(kind: type[Record]) -> None:
    if kind.ledgered:
        raise InvariantViolated(f"{kind.__name__} is written by the ledger alone")


def _fits(document: Document, where: Where) -> bool:
    return all(_holds(_value(document, name), condition) for name, condition in where.items())


def _value(document: Document, name: str) -> Any:
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _holds(value: Any, condition: Any) -> bool:
    if isinstance(condition, Before):
        return value is None or value < condition.value or (condition.inclusive and value == condition.value)
    if isinstance(condition, After):
        return value is not None and bool(value > condition.value)
    if isinstance(condition, Between):
        return value is not None and bool(condition.start <= value < condition.end)
    if isinstance(condition, Some):
        return any(_fits(element, condition.where) for element in value or ())
    wanted = condition if isinstance(condition, tuple) else (condition,)
    return any(value == one or (isinstance(value, list | tuple) and one in value) for one in wanted)
