"""What all benchmarks share: one server, one plan, wallets on databases of their own, and somebody to tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from tests.benchmarks.plan import Plan
from tests.support.wallet import Wallet, open_wallet
from wallet_core.domain.record import Document

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """One run. ``uri`` names a mongod that nobody else uses meanwhile."""

    uri: str
    plan: Plan
    say: Say

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[AsyncDatabase[Document]]:
        """A database that is gone afterwards, through a client of its own."""
        async with AsyncMongoClient[dict[str, Any]](self.uri, tz_aware=True) as client:
            yield client[f"bench_{name}"]
            await client.drop_database(f"bench_{name}")

    @asynccontextmanager
    async def wallet(self, name: str) -> AsyncIterator[tuple[Wallet, AsyncDatabase[Document]]]:
        """A wallet on a database that is gone afterwards, and that database."""
        async with self.database(name) as database, open_wallet(self.uri, database.name) as wallet:
            yield wallet, database
