"""The outside servers as they really are."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from bot.sandbox.leash import leashed
from tests.conftest import AnvilFactory
from wallet_core.adapters.mongo.embedded import (
    EmbeddedMongo,
    MongodOptions,
    command_line,
    end_process,
    find_mongod,
    form_replica_set,
    free_port,
    running_pid,
    spawn,
)

STRANGER = "0x00000000000000000000000000000000000000AA"


def port_of(uri: str) -> int:
    return int(uri.removeprefix("mongodb://127.0.0.1:").partition("/")[0])


def is_alive(pid: int) -> bool:
    """False also for a zombie, which nobody here may have waited for."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


async def count_after_insert(uri: str) -> int:
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        async with client.start_session() as session, await session.start_transaction():
            await client.kept.things.insert_one({}, session=session)
        return int(await client.kept.things.count_documents({}))


async def test_a_database_keeps_its_data_over_a_stop(tmp_path: Path) -> None:
    for expected in (1, 2):
        async with EmbeddedMongo(tmp_path / "db") as mongo:
            assert await count_after_insert(mongo.uri) == expected


async def test_a_database_whose_port_is_taken_moves_to_another(tmp_path: Path) -> None:
    async with EmbeddedMongo(tmp_path / "db") as mongo:
        await count_after_insert(mongo.uri)
        first_uri = mongo.uri
    (tmp_path / "db" / "embedded.json").unlink()
    async with EmbeddedMongo(tmp_path / "db") as mongo:
        assert mongo.uri != first_uri
        assert await count_after_insert(mongo.uri) == 2


async def test_two_users_share_one_server_and_the_last_one_ends_it(tmp_path: Path) -> None:
    first, second = EmbeddedMongo(tmp_path / "db"), EmbeddedMongo(tmp_path / "db")
    assert await first.start() == await second.start()
    port = port_of(first.uri)
    await first.stop()
    assert await running_pid(port, tmp_path / "db")
    await second.stop()
    assert await running_pid(port, tmp_path / "db") is None


START_AND_WAIT = """
import asyncio, sys
from pathlib import Path
from wallet_core.adapters.mongo.embedded import EmbeddedMongo

async def main():
    print(await EmbeddedMongo(Path(sys.argv[1])).start(), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_server_left_behind_by_a_killed_user_is_taken_over(tmp_path: Path) -> None:
    user = await asyncio.create_subprocess_exec(
        sys.executable, "-c", START_AND_WAIT, str(tmp_path / "db"), stdout=asyncio.subprocess.PIPE
    )
    assert user.stdout is not None
    uri = (await user.stdout.readline()).decode().strip()
    user.kill()
    await user.wait()
    async with EmbeddedMongo(tmp_path / "db") as heir:
        assert heir.uri == uri
        pid = await running_pid(port_of(uri), tmp_path / "db")
    assert pid is not None
    assert not is_alive(pid)


async def test_a_killed_database_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    mongo = EmbeddedMongo(tmp_path / "db")
    uri = await mongo.start()
    await count_after_insert(uri)
    pid = await running_pid(port_of(uri), tmp_path / "db")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await mongo.stop()
    async with EmbeddedMongo(tmp_path / "db") as again:
        assert await count_after_insert(again.uri) == 2


async def test_three_members_become_one_set(tmp_path: Path) -> None:
    members = [MongodOptions(tmp_path / str(index), free_port(), oplog_mb=64) for index in range(3)]
    for member in members:
        member.data_dir.mkdir()
    children = [spawn(leashed(command_line(find_mongod(), each)), tmp_path / f"{each.port}.log") for each in members]
    try:
        quick = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}
        uri = await form_replica_set([member.port for member in members], settings=quick)
        async with AsyncMongoClient[dict[str, Any]](uri, w="majority", journal=True) as client:
            await client.kept.things.insert_one({})
            assert len((await client.admin.command("hello"))["hosts"]) == 3
    finally:
        await asyncio.gather(*(end_process(child.pid, child, grace_seconds=0.5) for child in children))


async def test_anvil_pays_mines_and_reorganises(anvil: AnvilFactory) -> None:
    node = await anvil(automine=False)
    await node.send(STRANGER, 10**18)
    assert await node.pending_count() == 1
    assert await node.mine(2) == 2
    assert await node.balance(STRANGER) == 10**18
    await node.reorganise(2)
    assert await node.balance(STRANGER) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_anvil_keeps_its_chain(anvil: AnvilFactory, tmp_path: Path, number: int) -> None:
    node = await anvil(state_file=tmp_path / "chain.json")
    await node.set_balance(STRANGER, 5)
    await node.mine(3)
    await asyncio.sleep(0 if number == signal.SIGTERM else 1.5)
    await node.stop(number)
    again = await anvil(state_file=tmp_path / "chain.json")
    assert (await again.height(), await again.balance(STRANGER)) == (3, 5)


async def test_a_leashed_program_ends_with_its_parent() -> None:
    code = "import subprocess, sys; from bot.sandbox.leash import leashed; "
    code += "print(subprocess.Popen(leashed(['sleep', '600'])).pid, flush=True); sys.stdin.read()"
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    await asyncio.sleep(0.3)
    parent.kill()
    await parent.wait()
    await asyncio.sleep(0.2)
    assert not is_alive(pid)
