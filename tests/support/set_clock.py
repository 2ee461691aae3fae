"""A database whose clock a test sets: the time of the real mongod, and so much more as a document beside it says.

Every process that installed it sees the same clock, and sees it jump between two of its own questions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from wallet_core.adapters.mongo import group_commit, seals, store

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_real = store.database_time


async def _shifted(database: AsyncDatabase[dict[str, Any]]) -> datetime:
    clock = await _clocks(database).find_one({"_id": database.name})
    return await _real(database) + timedelta(seconds=clock["ahead"] if clock else 0)


def install(patch: pytest.MonkeyPatch) -> None:
    """Lets this process read the clock that is set."""
    for module in (store, group_commit, seals):
        patch.setattr(module, "database_time", _shifted)


async def reset(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Sets the clock to the real time."""
    await _clocks(database).delete_one({"_id": database.name})


async def turn(database: AsyncDatabase[dict[str, Any]], by: timedelta) -> None:
    """Puts the clock forward for everybody."""
    more = {"$inc": {"ahead": by.total_seconds()}}
    await _clocks(database).update_one({"_id": database.name}, more, upsert=True)


def _clocks(database: AsyncDatabase[dict[str, Any]]) -> AsyncCollection[dict[str, Any]]:
    """Not in the database itself, which others use afterwards as a migration leaves it."""
    return database.client["test_clocks"]["ahead"]
