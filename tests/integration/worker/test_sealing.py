"""``python -m payout_worker`` seals what everybody posts, whatever else it waits for."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.leash import leashed
from payout_worker.head_file import NAME
from tests.conftest import AnvilFactory
from tests.faults.chains import EtherChain
from tests.faults.world import World, open_world
from tests.integration.worker.saying import said
from wallet_core.adapters.mongo.embedded import EmbeddedMongo, free_port, running_pid
from wallet_core.domain.ledger import Posting
from wallet_core.domain.seal import Head
from wallet_core.use_cases.seals import head_of_chain, tail_of_chain
from wallet_core.use_cases.verify_books import verify_books


async def sealed(world: World, seconds: float = 10) -> bool:
    """Whether nothing waits any more, within a time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not (await tail_of_chain(world.ports.store)).groups:
            return True
        await asyncio.sleep(0.1)
    return False


async def note(world: World, key: str) -> None:
    await world.ports.ledger.post(Posting(key, "noted", "test"))


def kept(world: World, name: str = "worker") -> Head:
    return Head.model_validate_json((world.folder / name / NAME).read_bytes())


async def dump(world: World) -> dict[str, list[dict[str, Any]]]:
    names = await world.database.list_collection_names()
    return {name: [document async for document in world.database[name].find()] for name in names}


async def restore(world: World, before: dict[str, list[dict[str, Any]]]) -> None:
    for name in await world.database.list_collection_names():
        await world.database[name].delete_many({})
        if before.get(name):
            await world.database[name].insert_many(before[name])


async def test_postings_are_sealed_within_ten_seconds(world: World) -> None:
    world.forks = None
    worker = world.start_worker()
    await said(world, "sealing")
    assert await sealed(world)
    for number in range(3):
        await note(world, f"late:{number}")
        assert await sealed(world)
    assert await world.stop_worker(worker) == 0
    assert kept(world) == await head_of_chain(world.ports.store)
    found = await verify_books(world.ports, {}, given=kept(world))
    assert (found.gaps, found.tail) == ([], 0)


async def test_it_seals_while_the_node_is_away_and_another_worker_pays(world: World) -> None:
    nobody, health = f"http://127.0.0.1:{free_port()}", free_port()
    worker = world.start_worker(ETH_RPC_URL=nobody, WORKER_HEALTH_PORT=str(health), SEAL_SECONDS="0.2")
    await said(world, "waiting_for_node")
    await note(world, "meanwhile")
    assert await sealed(world)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{health}") as http:
        await asyncio.sleep(0.5)
        figures = (await http.get("/metrics")).text
    assert "payout_worker_seal_tail_groups 0.0" in figures and "payout_worker_seal_tail_seconds 0.0" in figures
    assert 'payout_worker_lease_epoch{asset="ETH"}' not in figures
    began = time.monotonic()
    assert await world.stop_worker(worker) == 0
    assert time.monotonic() - began < 5


async def test_one_of_two_workers_seals_and_the_other_takes_over(world: World) -> None:
    first = world.start_worker("first", SEAL_SECONDS="0.2")
    await said(world, "sealing", "first")
    second = world.start_worker("second", SEAL_SECONDS="0.2")
    await said(world, "waiting_for_lease", "second")
    await asyncio.sleep(1)
    assert not [line for line in world.log_of("second") if line["event"] == "sealing"]
    first.send_signal(signal.SIGKILL)
    await said(world, "sealing", "second")
    await note(world, "after")
    assert await sealed(world)
    assert await world.stop_worker(second) == 0
    assert (await verify_books(world.ports, {}, given=kept(world, "second"))).gaps == []


@pytest.mark.parametrize("harm", ["truncated", "replaced"])
async def test_nothing_is_sealed_on_top_of_a_chain_that_lost_seals(world: World, harm: str) -> None:
    """An old copy of the database, with everything in it as it was."""
    worker = world.start_worker(SEAL_SECONDS="0.2")
    await said(world, "sealing")
    assert await sealed(world)
    assert await world.stop_worker(worker) == 0
    before = await dump(world)
    again = world.start_worker(SEAL_SECONDS="0.2")
    for number in range(3):
        await note(world, f"lost:{number}")
        assert await sealed(world)
    assert await world.stop_worker(again) == 0
    head = kept(world)
    await restore(world, before)
    if harm == "replaced":
        world.ports.ledger.groups.forget_writer()  # type: ignore[attr-defined]  # inside the real one
        other = world.start_worker("other", SEAL_SECONDS="0.2", LEASE_SECONDS="1")
        for number in range(8):
            await note(world, f"other:{number}")
            assert await sealed(world)
        assert await world.stop_worker(other) == 0
    there = await head_of_chain(world.ports.store)
    assert (there.length < head.length) is (harm == "truncated")
    last = world.start_worker(SEAL_SECONDS="0.2", LEASE_SECONDS="1")
    alarm = await said(world, "alarm")
    assert alarm["alarm"] == "seals_lost" and f"seal {head.length}" in str(alarm["what"])
    await note(world, "on top")
    await asyncio.sleep(2)
    assert await head_of_chain(world.ports.store) == there and kept(world) == head
    assert len([line for line in world.log_of() if line["event"] == "alarm"]) == 1
    assert await world.stop_worker(last) == 0
    # The operator has looked at it and goes on from what is there.
    (world.folder / "worker" / NAME).rename(world.folder / "seal.head.before-restore.json")
    after = world.start_worker(SEAL_SECONDS="0.2", LEASE_SECONDS="1")
    assert await sealed(world, 20)
    assert await world.stop_worker(after) == 0


async def test_a_head_that_cannot_be_read_is_set_aside(world: World) -> None:
    (world.folder / "worker").mkdir()
    (world.folder / "worker" / NAME).write_text("{")
    worker = world.start_worker(SEAL_SECONDS="0.2")
    await said(world, "seal_head_set_aside")
    assert await sealed(world)
    assert await world.stop_worker(worker) == 0
    assert (world.folder / "worker" / "seal.head.aside.json").read_text() == "{"
    assert json.loads((world.folder / "worker" / NAME).read_text())["length"] > 0


async def test_a_database_that_is_killed_and_comes_back_is_sealed_on(anvil: AnvilFactory, tmp_path: Path) -> None:
    data, node = tmp_path / "mongod", await anvil(automine=False)
    mongo = EmbeddedMongo(data, wrapper=leashed([]))
    uri = await mongo.start()
    async with open_world(uri, "killed", EtherChain(node), tmp_path) as world:
        worker = world.start_worker(SEAL_SECONDS="0.2")
        await said(world, "sealing")
        pid = await running_pid(int(uri.partition("127.0.0.1:")[2].partition("/")[0]), data)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await said(world, "sealing_waits")
        again = EmbeddedMongo(data, wrapper=leashed([]))
        assert await again.start() == uri
        await note(world, "after")
        assert await sealed(world, 20)
        found = await verify_books(world.ports, {})
        assert found.gaps == []
        pid = await running_pid(int(uri.partition("127.0.0.1:")[2].partition("/")[0]), data)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        # Long enough for a step to begin that nobody answers.
        await asyncio.sleep(1)
        began = time.monotonic()
        assert await world.stop_worker(worker) == 0
        assert time.monotonic() - began < 5
        os.kill(pid, signal.SIGCONT)
    await again.stop()
    await mongo.stop()
