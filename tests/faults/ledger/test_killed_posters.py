"""Posting processes are killed in the middle of groups; nothing acknowledged is lost, nothing is doubled."""

from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.faults.ledger.killed import kill_posters

Client = AsyncMongoClient[dict[str, Any]]


@pytest.mark.parametrize(("names", "kills"), [(("a",), 2), (("a", "b"), 1)], ids=("one", "two"))
async def test_killed_processes_lose_nothing_and_double_nothing(
    mongo_uri: str, mongo_client: Client, database_name: str, names: tuple[str, ...], kills: int
) -> None:
    killed = await kill_posters(mongo_uri, mongo_client[database_name], names, count=2_000, kills=kills, seed=1)
    assert killed.gaps == []
    # On a busy machine a process may come to its end before its kill does.
    assert len(names) <= killed.kills <= kills * len(names)


async def test_planted_money_that_moves_before_its_record_is_seen_when_a_process_is_killed(
    mongo_uri: str, mongo_client: Client, database_name: str
) -> None:
    killed = await kill_posters(
        mongo_uri,
        mongo_client[database_name],
        ("a",),
        count=600,
        kills=1,
        seed=1,
        bugs=["money_long_before_the_journal"],
        waits_seconds=(0.15, 0.2),
    )
    assert any("wanted" in gap for gap in killed.gaps), "nobody noticed"
