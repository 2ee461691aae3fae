"""The naive way: a transaction for each movement, written by hand, retried as the driver does it.

It writes what the ledger writes: the sender's balance if it suffices, the recipient's, a journal record under a unique
key, and the record that vouches for it, into collections with the very same validators and indexes.
"""

from __future__ import annotations

from typing import Final, Self

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from tests.benchmarks.load import movement, new_key
from wallet_core.adapters.mongo import migrations
from wallet_core.adapters.mongo.codec import to_decimal
from wallet_core.domain.accounts import available
from wallet_core.domain.journal import GroupRecord, JournalRecord
from wallet_core.domain.ledger import Balance
from wallet_core.domain.record import Document
from wallet_core.ports import Ledger

_SNAPSHOT: Final = ReadConcern("snapshot")
_DURABLE: Final = WriteConcern(w="majority", j=True)
_ONE, _MINUS_ONE = to_decimal(1), to_decimal(-1)


class Naive:
    """Transfers by hand, on a copy of the ledger's accounts."""

    def __init__(self, database: AsyncDatabase[Document], record: Document, group: Document) -> None:
        self._client = database.client
        self._accounts = database[Balance.collection]
        self._journal = database[JournalRecord.collection]
        self._groups = database[GroupRecord.collection]
        self._record = record
        self._group = group

    @classmethod
    async def beside(cls, ledger: Ledger, books: AsyncDatabase[Document], own: AsyncDatabase[Document]) -> Self:
        """On a database of its own that begins with the ledger's balances; its records are copies of the ledger's."""
        pattern = movement(0, 1)
        await ledger.post(pattern)
        record = await books[JournalRecord.collection].find_one({"_id": pattern.key})
        group = await books[GroupRecord.collection].find_one({"keys": pattern.key})
        if record is None or group is None:
            raise LookupError("the ledger's record is not found by its key")
        await migrations.migrate(own)
        accounts = await books[Balance.collection].find().to_list()
        await own[Balance.collection].insert_many(accounts)
        return cls(own, record, group)

    async def post(self, sender: int, recipient: int) -> None:
        """Moves the smallest sum."""

        async def move(session: AsyncClientSession) -> None:
            await self._move(session, sender, recipient)

        async with self._client.start_session() as session:
            await session.with_transaction(move, read_concern=_SNAPSHOT, write_concern=_DURABLE)

    async def _move(self, session: AsyncClientSession, sender: int, recipient: int) -> None:
        enough = {"_id": available(sender).id, "balance_minor": {"$gte": _ONE}}
        less, more = ({"$inc": {"balance_minor": change, "version": 1}} for change in (_MINUS_ONE, _ONE))
        paid = await self._accounts.update_one(enough, less, session=session)
        received = await self._accounts.update_one({"_id": available(recipient).id}, more, session=session)
        if paid.matched_count + received.matched_count != 2:
            raise LookupError("an account is missing or its balance does not suffice")
        people = (sender, recipient)
        entries = [
            {**entry, "account": available(person).id}
            for entry, person in zip(self._record["entries"], people, strict=True)
        ]
        key = new_key("naive")
        record = {**self._record, "_id": key, "people": people, "entries": entries}
        await self._journal.insert_one(record, session=session)
        await self._groups.insert_one({**self._group, "_id": key, "keys": [key]}, session=session)
