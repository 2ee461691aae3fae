"""``ports.Seals`` on MongoDB: reads what waits in one snapshot, and chains it in one transaction.

Groups are chained in the order of their times. A later group on the same account has a later time, and a snapshot that
has it has the earlier one, so each account's records stand in the chain in the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from wallet_core.adapters.mongo.codec import encode
from wallet_core.adapters.mongo.store import ANYTHING, as_found, database_time, reachable
from wallet_core.domain.audit import strings_in
from wallet_core.domain.journal import GroupRecord, JournalRecord, group_id
from wallet_core.domain.record import Document
from wallet_core.domain.seal import (
    REFUSED,
    SEAL_SIZE,
    UNREADABLE,
    WAITING,
    Head,
    Seal,
    Sealed,
    head_of,
    is_authentic,
    seal_after,
)
from wallet_core.ports import Vault

#: The most records whose groups are chained at once, unless one group has more; so a seal takes a fraction of a second.
_MOST_RECORDS: Final = 5_000
_GROUPS_PER_READ: Final = 100
_ORDER: Final = [(name, ASCENDING) for name in ("at", "writer", "number")]
#: What the code of a group covers, and no more.
_COVERED: Final = dict.fromkeys(("by", "at", "group", "place", "digest", "people", "entries.after_minor", "limits"), 1)
#: Whatever else somebody may have put there.
_NUMBERED: Final = {"_id": {"$type": "number"}}
_SNAPSHOT: Final = ReadConcern("snapshot")
_WRITE_CONFLICT: Final = 112
_DURABLE: Final = WriteConcern(w="majority", j=True, wtimeout=20_000)


class _RivalError(Exception):
    """Another process has sealed what was about to be sealed."""


@dataclass(slots=True)
class _Examined:
    """The groups that are to be chained, those that are not, and why."""

    sound: list[Document] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class MongoSeals:
    """Seals with the vault's key, which the database does not have."""

    def __init__(self, database: AsyncDatabase[Document], vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._groups = database.get_collection(GroupRecord.collection, ANYTHING, write_concern=_DURABLE)
        self._records = database.get_collection(JournalRecord.collection, ANYTHING)
        self._seals = database.get_collection(Seal.collection, ANYTHING)

    async def seal(self) -> Sealed:
        """See ``ports.Seals.seal``."""
        async with reachable():
            async with self._database.client.start_session(snapshot=True) as frozen:
                newest = await self._seals.find_one(_NUMBERED, sort=[("_id", DESCENDING)], session=frozen)
                head = head_of(newest) if newest else Head()
                waiting = await self._waiting(frozen)
                examined = await self._examine(frozen, waiting)
            full = len(waiting) == SEAL_SIZE or sum(map(_size, waiting)) >= _MOST_RECORDS
            faults, chained = tuple(examined.faults), 0
            if examined.sound:
                seal = seal_after(head, examined.sound, await database_time(self._database), self._vault.mac)
                if not await self._chain(seal):
                    return Sealed(head)
                head, chained = head_of(seal), len(examined.sound)
            await self._mark_refused(examined.refused)
        return Sealed(head, chained, faults, more=full)

    async def reconsider(self) -> None:
        """See ``ports.Seals.reconsider``."""
        async with reachable():
            await self._groups.update_many({"seal": REFUSED}, {"$set": {"seal": WAITING}})

    async def _waiting(self, frozen: AsyncClientSession) -> list[Document]:
        """The oldest groups that wait, as many as one seal takes."""
        found: list[Document] = []
        records = 0
        cursor = self._groups.find({"seal": WAITING}, sort=_ORDER, limit=SEAL_SIZE, session=frozen)
        async with cursor.batch_size(_GROUPS_PER_READ):
            async for group in cursor:
                found.append(group)
                records += _size(group)
                if records >= _MOST_RECORDS:
                    break
        return found

    async def _examine(self, frozen: AsyncClientSession, groups: Sequence[Document]) -> _Examined:
        keys = [key for group in groups for key in strings_in(group.get("keys"))]
        found = self._records.find({"_id": {"$in": keys}}, _COVERED, session=frozen)
        records = {record["_id"]: as_found(record) async for record in found}
        examined = _Examined()
        for group in groups:
            if self._is_sound(group, records):
                examined.sound.append(group)
            else:
                examined.refused.append(group["_id"])
                examined.faults.append(f"group {group['_id']} does not fit its code and is not sealed")
        examined.faults += [f"group {gone} is missing" for gone in await self._gone(frozen, examined.sound)]
        return examined

    def _is_sound(self, group: Document, records: Mapping[str, Document]) -> bool:
        try:
            return is_authentic(group, records, self._vault.mac_fits)
        except UNREADABLE:
            return False

    async def _gone(self, frozen: AsyncClientSession, groups: Iterable[Document]) -> list[str]:
        """The groups before these of the same writers that are not there: each is looked up by its name alone."""
        before = {group_id(group["writer"], group["number"] - 1) for group in groups if group["number"] > 1}
        wanted = before - {group["_id"] for group in groups}
        there = self._groups.find({"_id": {"$in": list(wanted)}}, {"_id": 1}, session=frozen)
        return sorted(wanted - {group["_id"] async for group in there})

    async def _mark_refused(self, groups: Sequence[str]) -> None:
        """So that they neither stand in the way of others nor are looked at again and again."""
        if groups:
            still = {"_id": {"$in": list(groups)}, "seal": WAITING}
            await self._groups.update_many(still, {"$set": {"seal": REFUSED}})

    async def _chain(self, seal: Document) -> bool:
        """False when another process was faster: the seal's number is its ``_id``, which one of the two finds taken."""
        waiting = {"_id": {"$in": list(seal["groups"])}, "seal": WAITING}
        try:
            async with (
                self._database.client.start_session() as session,
                await session.start_transaction(_SNAPSHOT, _DURABLE, ReadPreference.PRIMARY),
            ):
                await self._seals.insert_one(encode(seal), session=session)
                chained = await self._groups.update_many(waiting, {"$set": {"seal": seal["_id"]}}, session=session)
                if chained.matched_count != len(seal["groups"]):
                    raise _RivalError
        except (_RivalError, DuplicateKeyError):
            return False
        except OperationFailure as error:
            if error.code != _WRITE_CONFLICT:
                raise
            return False
        return True


def _size(group: Document) -> int:
    return len(strings_in(group.get("keys")))
