"""``ports.Ledger`` on MongoDB, by group commit.

Postings that arrive while a commit is under way are gathered and become the next group, which ``group_commit`` decides
in one transaction. There is no timer, so a lone posting is committed at once. Each posting is still accepted or refused
on its own.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from wallet_core.adapters.mongo.commit_errors import MOST, GaveUpError, Trouble, UnknownCommitError, trouble_of
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
#: For so many groups after a key was used twice the keys are looked up first: a resumed job has more of them.
_GROUPS_WITH_KEYS_FIRST: Final = 8
_LONGEST_PAUSE_SECONDS: Final = 0.25
#: A process that was killed inside a transaction keeps its locks until the database drops the transaction: ten to
#: fifteen seconds, with the time limit that this project's mongod has. Who runs into them waits longer than that.
_PATIENCE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    posting: Posting
    outcome: asyncio.Future[Receipt]
    #: By the loop's clock.
    patient_until: float


class MongoLedger:
    """Commits postings durably on a majority, in groups. Bound to one event loop, as its client is.

    ``mac`` makes the authentication code of each group's records.
    """

    def __init__(self, database: AsyncDatabase[Document], mac: Mac) -> None:
        self.groups = GroupCommit(database, mac)
        self._turns = Turns(database)
        self._in_turn = 0
        self._keys_first = 0
        self._queue: deque[_Waiting] = deque()
        self._committing: asyncio.Task[None] | None = None

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        return await self._submit(posting)

    async def post_many(self, postings: Sequence[Posting]) -> list[Outcome]:
        """See ``ports.Ledger.post_many``."""
        outcomes: list[Outcome] = []
        for start in range(0, len(postings), CHUNK_SIZE):
            chunk = postings[start : start + CHUNK_SIZE]
            done = await asyncio.gather(*(self._submit(posting) for posting in chunk), return_exceptions=True)
            for outcome in done:
                if not isinstance(outcome, Outcome) or isinstance(outcome, Unavailable):
                    raise outcome
                outcomes.append(outcome)
        return outcomes

    def _submit(self, posting: Posting) -> asyncio.Future[Receipt]:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(posting, loop.create_future(), loop.time() + _PATIENCE_SECONDS)
        try:
            check_balanced(posting)
        except InvariantViolated as violation:
            waiting.outcome.set_exception(violation)
        else:
            self._enqueue(waiting)
        return waiting.outcome

    def _enqueue(self, waiting: _Waiting) -> None:
        self._queue.append(waiting)
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())

    async def _commit_all(self) -> None:
        while self._queue:
            self._keys_first = max(0, self._keys_first - 1)
            group = [self._queue.popleft() for _ in range(min(GROUP_SIZE, len(self._queue)))]
            try:
                outcomes = await self._outcomes([waiting.posting for waiting in group])
            except BaseException:
                # The loop is ending. Whoever still waits hears that nobody knows, and posts again with the same key.
                outcomes = [Unavailable("the ledger is closing")] * len(group)
                self.groups.forget_writer()
                raise
            finally:
                self._resolve_all(group, outcomes)

    def _resolve_all(self, group: Sequence[_Waiting], outcomes: Sequence[Outcome | None]) -> None:
        for waiting, outcome in zip(group, outcomes, strict=True):
            if outcome is None:
                self._try_later(waiting)
            else:
                _resolve(waiting.outcome, outcome)

    def _try_later(self, waiting: _Waiting) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < waiting.patient_until:
            loop.call_later(_LONGEST_PAUSE_SECONDS, self._enqueue, waiting)
        else:
            _resolve(waiting.outcome, Unavailable("another transaction is in the way"))

    async def _outcomes(self, postings: Sequence[Posting]) -> Sequence[Outcome | None]:
        """What became of each; None where the locks of another transaction are in the way."""
        try:
            return await self._commit(postings)
        except GaveUpError as error:
            if error.trouble is Trouble.CONFLICT:
                return await self._apart(postings, None)
            # The message of a bulk write's error would hold whole documents.
            log.warning("ledger_gave_up", trouble=error.trouble.name, postings=len(postings), cause=_name_of(error))
            if error.trouble not in (Trouble.REFUSAL, Trouble.DUPLICATE):
                return [Unavailable("the ledger does not answer")] * len(postings)
        except Exception:
            # Whatever it is, those who wait must hear of it, and the next group must still be committed.
            log.exception("ledger_failed", postings=len(postings))
        return await self._apart(postings, InvariantViolated(f"the database does not take {postings[0].key}"))

    async def _apart(self, postings: Sequence[Posting], alone: Outcome | None) -> Sequence[Outcome | None]:
        """One posting of the group cannot be committed, and the others must not suffer from it: tries the halves.

        ``alone`` is what becomes of a posting that cannot be divided further.
        """
        if len(postings) == 1:
            return [alone]
        middle = len(postings) // 2
        return [*await self._outcomes(postings[:middle]), *await self._outcomes(postings[middle:])]

    async def _commit(self, postings: Sequence[Posting]) -> Sequence[Outcome]:
        """Tries the group as a whole until it is committed. Raises ``GaveUpError``."""
        met: Counter[Trouble] = Counter()
        while True:
            try:
                async with self._turn():
                    return await self.groups.commit(postings, keys_first=self._keys_first > 0)
            except (PyMongoError, UnknownCommitError) as error:
                trouble = trouble_of(error)
                met[trouble] += 1
                self._learn_from(trouble)
                if met[trouble] >= MOST[trouble]:
                    raise GaveUpError(trouble) from error
            # At random, because two processes that retry at once meet again.
            longest = min(0.002 * 2 ** met.total(), _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - nobody gains by guessing it

    def _learn_from(self, trouble: Trouble) -> None:
        """What this group's next try and the next groups do otherwise."""
        if trouble is Trouble.CONFLICT:
            self._in_turn = _GROUPS_IN_TURN
        if trouble in (Trouble.DUPLICATE, Trouble.UNKNOWN):
            self._keys_first = _GROUPS_WITH_KEYS_FIRST
        if trouble is Trouble.UNKNOWN:
            self.groups.forget_writer()

    def _turn(self) -> AbstractAsyncContextManager[None]:
        if not self._in_turn:
            return nullcontext()
        self._in_turn -= 1
        return self._turns.mine()


def _name_of(error: GaveUpError) -> str:
    return type(error.__cause__).__name__


def _resolve(waiting: asyncio.Future[Receipt], outcome: Outcome) -> None:
    if waiting.done():
        return
    if isinstance(outcome, Receipt):
        waiting.set_result(outcome)
    else:
        waiting.set_exception(outcome)
