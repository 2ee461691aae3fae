"""First come, first served among processes whose groups met on the same documents.

Two processes that commit groups on the same accounts conflict as whole groups, and the one that was unlucky once tends
to stay so. Whoever met a rival draws a number here and commits when it is called. This is for fairness alone: money is
safe without it, so a holder that died is passed over, and a database that does not answer here stops nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from wallet_core.domain.record import Document

log = structlog.get_logger(__name__)

COLLECTION: Final = "turns"
_POLL_SECONDS: Final = 0.002
#: Longer than a large group takes; whoever serves for longer has died or loses nothing but its turn.
_PASSED_OVER_AFTER_SECONDS: Final = 2.0
#: Then it goes on without a turn.
_MOST_PASSED_OVER: Final = 3
_LEDGER: Final = {"_id": "ledger"}


class Turns:
    """The line of all processes that wait to commit."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        # Neither has to survive a failover, and a majority's answer would be a moment late.
        self._line = database.get_collection(
            COLLECTION, write_concern=WriteConcern(w=1), read_concern=ReadConcern("local")
        )

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        """Waits for this process's turn, and passes it on afterwards."""
        number = await self._drawn()
        if number is None:
            yield
            return
        try:
            await self._called(number)
            yield
        finally:
            await self._pass_on(number)

    async def _drawn(self) -> int | None:
        draw = {"$inc": {"next": 1}, "$setOnInsert": {"serving": 0}}
        try:
            line = await self._line.find_one_and_update(
                _LEDGER, draw, upsert=True, return_document=ReturnDocument.AFTER
            )
        except PyMongoError as error:
            log.debug("no_turn_drawn", error=type(error).__name__)
            return None
        return None if line is None else int(line["next"]) - 1

    async def _called(self, number: int) -> None:
        seen, since, passed_over = -1, time.monotonic(), 0
        while passed_over < _MOST_PASSED_OVER:
            try:
                line = await self._line.find_one(_LEDGER)
            except PyMongoError:
                return
            # A line that does not know this number was set back by a failover.
            if not line or line["serving"] >= number or line["next"] <= number:
                return
            if line["serving"] != seen:
                seen, since = line["serving"], time.monotonic()
            elif time.monotonic() - since > _PASSED_OVER_AFTER_SECONDS:
                await self._pass_on(seen)
                passed_over += 1
            await asyncio.sleep(_POLL_SECONDS)

    async def _pass_on(self, number: int) -> None:
        """Calls the next number, unless somebody has done so."""
        try:
            await self._line.update_one({**_LEDGER, "serving": number}, {"$set": {"serving": number + 1}})
        except PyMongoError as error:
            log.debug("turn_not_passed_on", error=type(error).__name__)
