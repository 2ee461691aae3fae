"""The server fails at a command of a group, before or after it took effect; every outcome is right all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final

import pytest
from pymongo import AsyncMongoClient

from tests.faults.ledger.books import COMMIT, Books, opened_books
from tests.faults.ledger.replica_set import ReplicaSet, replica_set
from tests.faults.ledger.stored import open_transactions
from wallet_core.adapters.mongo import group_commit
from wallet_core.adapters.mongo import ledger as ledger_module
from wallet_core.adapters.mongo.commit_errors import MOST, Trouble
from wallet_core.domain import movements
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.ledger import Posting

Failure = dict[str, Any]

#: The failures are for clients of this name alone, who look after the server twice a second.
_NAME: Final = "ledger"
_OPTIONS: Final = f"&appName={_NAME}&heartbeatFrequencyMS=500"
_TRANSIENT: Final = ["TransientTransactionError"]

HANGS_UP: Final = {"closeConnection": True}
IS_BUSY: Final = {"errorCode": 112, "errorLabels": _TRANSIENT}
IS_NOT_PRIMARY: Final = {"errorCode": 10_107}
SHUTS_DOWN: Final = {"errorCode": 11_600}
FINDS_A_DUPLICATE: Final = {"errorCode": 11_000}
REFUSES: Final = {"errorCode": 121}
FORGETS_THE_TRANSACTION: Final = {"errorCode": 251, "errorLabels": _TRANSIENT}
DOES_NOT_KNOW: Final = {"errorCode": 50, "errorLabels": ["UnknownTransactionCommitResult"]}
HAS_DONE_IT_BUT_WAITS: Final = {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}
HAS_DONE_IT_AND_WAS_INTERRUPTED: Final = {"writeConcernError": {"code": 11_601, "errmsg": "operation interrupted"}}
HAS_DONE_IT_AND_KNOWS_NO_SUCH_CONCERN: Final = {"writeConcernError": {"code": 79, "errmsg": "unknown write concern"}}
#: Whatever may pass by itself: interrupted, out of time, out of disk, not allowed now.
MAY_PASS: Final = (11_601, 50, 14_031, 13)
HAS_DONE_IT_AND_SHUTS_DOWN: Final = {"writeConcernError": {"code": 91, "errmsg": "shutting down"}}

#: How often each happens before the command goes through.
ON_COMMIT: Final = (
    (HANGS_UP, 2),
    (FORGETS_THE_TRANSACTION, 2),
    (DOES_NOT_KNOW, 2),
    (IS_NOT_PRIMARY, 2),
    (SHUTS_DOWN, 1),
    (HAS_DONE_IT_BUT_WAITS, 2),
    (HAS_DONE_IT_AND_SHUTS_DOWN, 1),
)
ON_READING: Final = ((HANGS_UP, 2), (IS_BUSY, 2), (IS_NOT_PRIMARY, 2), (SHUTS_DOWN, 1), (REFUSES, 1))
ON_WRITING: Final = (*ON_READING, (FINDS_A_DUPLICATE, 1))
CASES: Final = {COMMIT: ON_COMMIT, "find": ON_READING, "insert": ON_WRITING, "update": ON_WRITING}


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReplicaSet]:
    """A server that fails when it is told to."""
    async with replica_set(tmp_path_factory.mktemp("failing"), 1, "enableTestCommands=1") as servers:
        yield servers


@pytest.fixture
async def books(server: ReplicaSet, database_name: str) -> AsyncIterator[Books]:
    """Books in which everybody has something; they must be right at the end."""
    async with opened_books(server.uri + _OPTIONS, database_name) as books:
        await books.post(*every_movement(books, Random(0)))
        yield books
        await books.close()


def every_movement(books: Books, chance: Random) -> list[Posting]:
    """A posting of each kind."""
    return [books.postings.movement(chance, kind) for kind in movements.__all__]


@asynccontextmanager
async def failing(server: ReplicaSet, command: str, times: int, failure: Failure) -> AsyncIterator[None]:
    """The next so many of the ledger's commands fail like this, and they must come."""
    point = {"configureFailPoint": "failCommand"}
    data = {"failCommands": [command], "appName": _NAME, **failure}
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        before = (await client.admin.command({**point, "mode": {"times": times}, "data": data}))["count"]
        try:
            yield
        finally:
            after = (await client.admin.command({**point, "mode": "off"}))["count"]
    assert after - before == times, f"{after - before} of {times} came: {command}"


@pytest.mark.parametrize("command", CASES)
async def test_a_command_fails_and_every_outcome_is_right(server: ReplicaSet, books: Books, command: str) -> None:
    chance = Random(1)
    for failure, times in CASES[command]:
        postings = every_movement(books, chance) + books.mixed(chance, 20)
        async with failing(server, command, times, failure):
            await books.post(*postings, first_or_replay=True)
        await books.check()
        await books.check_journal()


@pytest.mark.parametrize("failure", [HAS_DONE_IT_AND_WAS_INTERRUPTED, HAS_DONE_IT_AND_KNOWS_NO_SUCH_CONCERN])
async def test_a_lone_posting_that_was_committed_is_not_told_that_it_was_not(
    server: ReplicaSet, books: Books, failure: Failure
) -> None:
    async with failing(server, COMMIT, 1, failure):
        await books.post(books.postings.movement(Random(5), "hot_wallet_funded"), first_or_replay=True)


@pytest.mark.parametrize("code", MAY_PASS)
async def test_what_may_pass_by_itself_is_not_told_as_what_must_never_be(
    server: ReplicaSet, books: Books, code: int
) -> None:
    posting = books.postings.movement(Random(5), "hot_wallet_funded")
    async with failing(server, "insert", MOST[Trouble.OTHER], {"errorCode": code}):
        with pytest.raises(Unavailable):
            await books.wallets[0].ports.ledger.post(posting)
    await books.post(posting)


async def test_a_lone_replay_is_answered_however_many_failovers_it_met_before(server: ReplicaSet, books: Books) -> None:
    posting = books.postings.movement(Random(5), "hot_wallet_funded")
    await books.post(posting, through=0)
    async with failing(server, "find", 4, FORGETS_THE_TRANSACTION):
        await books.post(posting, through=1)


async def test_a_commit_without_an_answer_for_long_is_safe_to_post_again(
    server: ReplicaSet, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "_COMMIT_PAUSE_SECONDS", 0)
    postings = every_movement(books, Random(1))
    ledger = books.wallets[0].ports.ledger
    monkeypatch.setattr(ledger_module, "MOST", {**MOST, Trouble.UNKNOWN: 1})
    async with failing(server, COMMIT, group_commit._COMMIT_TRIES, DOES_NOT_KNOW):
        outcomes = await asyncio.gather(*(ledger.post(posting) for posting in postings), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    await open_transactions(books.database, end=True)
    await books.post(*postings)
