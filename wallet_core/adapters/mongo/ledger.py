"""``ports.Ledger`` on MongoDB, by group commit.

Postings that arrive while a commit is under way are gathered and become the next group, which ``group_commit`` decides
in one transaction. There is no timer, so a lone posting is committed at once. Each posting is still accepted or refused
on its own.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError, WTimeoutError

from wallet_core.adapters.mongo.group_commit import GroupCommit, Mac, Outcome
from wallet_core.adapters.mongo.turns import Turns
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.journal import GROUP_SIZE
from wallet_core.domain.ledger import Posting, Receipt, check_balanced
from wallet_core.domain.record import Document

log = structlog.get_logger(__name__)

#: The most postings of a mass movement that wait at once, so that others find room in the same group.
CHUNK_SIZE: Final = 1_000
#: For so many groups after a conflict this process takes turns with the others, then it tries without.
_GROUPS_IN_TURN: Final = 64
_TRIES: Final = 40
_DUPLICATE_KEY: Final = 11_000
_LONGEST_PAUSE_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Waiting:
    posting: Posting
    outcome: asyncio.Future[Receipt]


class MongoLedger:
    """Commits postings durably on a majority, in groups. Bound to one event loop, as its client is.

    ``mac`` makes the authentication code of each group's records.
    """

    def __init__(self, database: AsyncDatabase[Document], mac: Mac) -> None:
        self.groups = GroupCommit(database, mac)
        self._turns = Turns(database)
        self._in_turn = 0
        self._queue: deque[_Waiting] = deque()
        self._committing: asyncio.Task[None] | None = None

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        check_balanced(posting)
        waiting = _Waiting(posting, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        return await waiting.outcome

    async def post_many(self, postings: Sequence[Posting]) -> list[Outcome]:
        """See ``ports.Ledger.post_many``."""
        outcomes: list[Outcome] = []
        for start in range(0, len(postings), CHUNK_SIZE):
            chunk = postings[start : start + CHUNK_SIZE]
            done = await asyncio.gather(*(self.post(posting) for posting in chunk), return_exceptions=True)
            for outcome in done:
                if not isinstance(outcome, Outcome) or isinstance(outcome, Unavailable):
                    raise outcome
                outcomes.append(outcome)
        return outcomes

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
                async with self._turn():
                    return await self.groups.commit(postings)
            except PyMongoError as error:
                # What is unique may have been inserted since the snapshot: the next reading will see it.
                again = error.has_error_label("TransientTransactionError") or (_is_duplicate(error) and attempt < 3)
                if not again or attempt == _TRIES - 1:
                    self.groups.forget_writer()
                    raise
            self._in_turn = _GROUPS_IN_TURN
            # At random, because two processes that retry at once meet again.
            await asyncio.sleep(random.uniform(0, min(0.002 * 2**attempt, _LONGEST_PAUSE_SECONDS)))  # noqa: S311
        raise Unavailable("the ledger is too busy")

    def _turn(self) -> AbstractAsyncContextManager[None]:
        if not self._in_turn:
            return nullcontext()
        self._in_turn -= 1
        return self._turns.mine()


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


def _resolve(waiting: asyncio.Future[Receipt], outcome: Outcome) -> None:
    if waiting.done():
        return
    if isinstance(outcome, Receipt):
        waiting.set_result(outcome)
    else:
        waiting.set_exception(outcome)
