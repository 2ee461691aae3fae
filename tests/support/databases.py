"""Databases that tests have one after the other: to make the collections and indexes of one takes a second."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from wallet_core.adapters.mongo import migrations

Client = AsyncMongoClient[dict[str, Any]]

#: What was migrated is kept, everything else is emptied.
_KEPT: Final = "migrations"
#: Beside the collections of a layout: how many indexes they have.
_INDEXES: Final = "indexes of all"


@dataclass
class Databases:
    """Migrated databases of one server. Each is handed out as a migration leaves it, or not at all."""

    #: So many wait behind one that is taken: what a killed process sent to it last has then long come to its end.
    waiting: int = 3
    _resting: deque[str] = field(default_factory=deque)
    _layout: dict[str, Any] = field(default_factory=dict)
    _first: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def take(self, client: Client) -> str:
        """The name of a database that was migrated and not used since."""
        while len(self._resting) > self.waiting:
            name = self._resting.popleft()
            if await layout_of(client[name]) == self._layout:
                await self._empty(client[name])
                return name
            await client.drop_database(name)
        return await self._made(client)

    def give_back(self, name: str) -> None:
        """Lets somebody else have it; one whose collections, validators or indexes were changed is dropped then."""
        self._resting.append(name)

    async def _made(self, client: Client) -> str:
        database = client[f"test_{uuid.uuid4().hex[:16]}"]
        await migrations.migrate(database)
        if not self._layout:
            self._layout = await layout_of(database)
            names = self._layout.keys() - {_KEPT, _INDEXES}
            self._first = {name: await database[name].find().to_list() for name in names}
        return database.name

    async def _empty(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        for name in await _filled(database, self._first):
            await database[name].delete_many({})
        for name, documents in self._first.items():
            if documents:
                await database[name].insert_many(documents)


@asynccontextmanager
async def transactions_end_after(client: Client, seconds: int) -> AsyncIterator[None]:
    """For so long a killed client's transaction keeps its locks; afterwards as long as before, for whoever is next."""
    said = await client.admin.command("getParameter", 1, transactionLifetimeLimitSeconds=1)
    await client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=seconds)
    try:
        yield
    finally:
        before = said["transactionLifetimeLimitSeconds"]
        await client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=before)


async def layout_of(database: AsyncDatabase[dict[str, Any]]) -> dict[str, Any]:
    """Each collection's options, and how many indexes there are: each collection's own would be a question each."""
    found = {each["name"]: each["options"] async for each in await database.list_collections()}
    return {**found, _INDEXES: (await database.command("dbStats"))["indexes"]}


async def _filled(database: AsyncDatabase[dict[str, Any]], names: Iterable[str]) -> list[str]:
    """Those of the collections that hold anything, in one question: to empty one takes longer than all of this."""
    first, *others = names
    unions = [{"$unionWith": {"coll": name, "pipeline": _name_if_filled(name)}} for name in others]
    return [each["_id"] async for each in await database[first].aggregate([*_name_if_filled(first), *unions])]


def _name_if_filled(name: str) -> list[dict[str, Any]]:
    return [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}]
