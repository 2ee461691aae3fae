"""The databases that tests have one after the other are as new, each time."""

from typing import Any

import pytest
from pymongo import IndexModel

from tests.support.databases import Client, Databases, layout_of, transactions_end_after
from wallet_core.adapters.mongo import migrations


async def _contents(client: Client, name: str) -> dict[str, Any]:
    """All documents but the marks of migrations, which hold a time."""
    names = set(await client[name].list_collection_names()) - {"migrations"}
    return {each: await client[name][each].find().to_list() for each in names}


async def _indexes(client: Client, name: str) -> dict[str, Any]:
    return {each: await client[name][each].index_information() for each in await client[name].list_collection_names()}


@pytest.fixture
async def fresh(mongo_client: Client) -> Any:
    """A database that was only migrated."""
    name = "test_only_migrated"
    await migrations.migrate(mongo_client[name])
    yield name
    await mongo_client.drop_database(name)


async def test_what_is_handed_out_again_is_as_a_migration_leaves_it(mongo_client: Client, fresh: str) -> None:
    databases, seen = Databases(waiting=1), []
    for _ in range(4):
        name = await databases.take(mongo_client)
        seen.append(name)
        assert await _contents(mongo_client, name) == await _contents(mongo_client, fresh)
        assert await layout_of(mongo_client[name]) == await layout_of(mongo_client[fresh])
        assert await _indexes(mongo_client, name) == await _indexes(mongo_client, fresh)
        assert await migrations.pending(mongo_client[name]) == []
        await mongo_client[name]["drafts"].insert_one({"_id": "left"})
        await mongo_client[name]["rails"].delete_many({})
        databases.give_back(name)
    assert seen[:2] == seen[2:]


async def test_who_takes_a_lease_over_reads_no_attempts_of_other_chains(mongo_client: Client, fresh: str) -> None:
    """Each has all of its bytes, and most may be another chain's."""
    attempts = [{"raw": b"", "txid": f"{n}", "batch": f"{n}", "number": 1, "asset": "ETH"} for n in range(50)]
    older = {**attempts[0], "txid": "older", "batch": "older", "asset": None}
    await mongo_client[fresh]["attempts"].insert_many([*attempts, older])
    command = {"find": "attempts", "filter": {"asset": {"$in": ["LTC", None]}}}
    explained = await mongo_client[fresh].command("explain", command, verbosity="executionStats")
    assert explained["executionStats"]["totalDocsExamined"] == explained["executionStats"]["nReturned"] == 1


async def _add_index(client: Client, name: str) -> None:
    await client[name]["drafts"].create_indexes([IndexModel("person")])


async def _drop_index(client: Client, name: str) -> None:
    await client[name]["attempts"].drop_indexes()


async def _add_collection(client: Client, name: str) -> None:
    await client[name]["mine"].insert_one({})


async def _drop_all(client: Client, name: str) -> None:
    await client.drop_database(name)


async def _unguard(client: Client, name: str) -> None:
    await client[name].command("collMod", "accounts", validator={})


async def test_what_was_built_otherwise_is_never_handed_out_again(mongo_client: Client) -> None:
    databases = Databases(waiting=0)
    for change in (_add_index, _drop_index, _add_collection, _unguard, _drop_all):
        spoiled = await databases.take(mongo_client)
        await change(mongo_client, spoiled)
        databases.give_back(spoiled)
        assert await databases.take(mongo_client) != spoiled
        assert spoiled not in await mongo_client.list_database_names()


async def test_what_one_test_sets_of_the_server_is_set_back_for_the_next(mongo_client: Client) -> None:
    async def seconds() -> int:
        said = await mongo_client.admin.command("getParameter", 1, transactionLifetimeLimitSeconds=1)
        return int(said["transactionLifetimeLimitSeconds"])

    before = await seconds()
    with pytest.raises(AssertionError, match="a test failed"):
        async with transactions_end_after(mongo_client, before + 1):
            assert await seconds() == before, "a test failed"
    assert await seconds() == before
