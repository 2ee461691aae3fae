"""What the process waits for: servers that are away, that hang, that come back with less than they had."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bot.sandbox.leash import leashed
from payout_worker.signals import SIGNALS
from tests.conftest import AnvilFactory
from tests.faults.chains import EtherChain
from tests.faults.fork_server import ForkServer
from tests.faults.plays import until
from tests.faults.world import World, open_world
from tests.integration.worker.saying import said
from wallet_core.adapters.mongo.embedded import EmbeddedMongo, free_port, running_pid
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState

NAMES = [number.name for number in SIGNALS]
UNITS = ("payout", "purchase")
ETH = Asset.ETH


def _saved(world: World, unit: str, name: str = "worker") -> dict[str, object]:
    found: dict[str, object] = json.loads((world.folder / name / f"{unit}.state.json").read_text())
    return found


async def _is_ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/readyz")).status_code == 200


async def test_it_waits_for_a_database_and_a_node_that_are_away(world: World, anvil: AnvilFactory) -> None:
    port, health = free_port(), free_port()
    nobody = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0&serverSelectionTimeoutMS=300"
    waiting = world.start_worker("no-mongo", MONGODB_URI=nobody)
    url = f"http://127.0.0.1:{port}"
    worker = world.start_worker(ETH_RPC_URL=url, WORKER_HEALTH_PORT=str(health))
    await said(world, "waiting_for_node")
    await said(world, "waiting_for_mongodb", "no-mongo")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{health}") as http:
        assert (await http.get("/livez")).status_code == 200
        told = (await http.get("/readyz")).json()
        assert not told["ready"] and told["parts"]["primary"] == "ok"
        assert told["parts"]["ETH node"] != "ok"
        assert told["parts"]["ETH lease"] == "the node has to be checked first"
        await anvil(automine=False, port=port)
        await said(world, "lease_taken")
        assert await until(partial(_is_ready, http))
        assert (await http.get("/livez")).json()["seconds_since_turn"].keys() == {"ETH payout", "ETH purchase", "seal"}
        figures = (await http.get("/metrics")).text
        assert 'payout_worker_lease_epoch{asset="ETH"} 1.0' in figures
        assert 'payout_worker_last_pass_seconds{asset="ETH",unit="payout"} ' in figures
    assert await world.stop_worker(worker) == 0
    assert await world.stop_worker(waiting, signal.SIGUSR2) == 0
    assert [_saved(world, unit, "no-mongo")["why"] for unit in UNITS] == ["SIGUSR2", "SIGUSR2"]


async def test_a_loop_that_a_hanging_database_holds_is_named_until_it_comes_round(
    anvil: AnvilFactory, tmp_path: Path, forks: ForkServer
) -> None:
    data, health = tmp_path / "mongod", free_port()
    async with (
        EmbeddedMongo(data, wrapper=leashed([])) as mongo,
        open_world(mongo.uri, "hangs", EtherChain(await anvil(automine=False)), tmp_path) as world,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{health}", timeout=10) as http,
    ):
        world.forks = forks
        worker = world.start_worker(WORKER_HEALTH_PORT=str(health), WORKER_STUCK_SECONDS="1")
        await said(world, "lease_taken")
        assert (await http.get("/livez")).status_code == 200
        pid = await running_pid(int(mongo.uri.partition("127.0.0.1:")[2].partition("/")[0]), data)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            told = await _livez(http, {"ETH payout", "ETH purchase", "seal"})
            assert min(told["seconds_since_turn"].values()) > 1
            parts = (await http.get("/readyz")).json()["parts"]
            assert parts["primary"] == "no answer within 2 s"
        finally:
            os.kill(pid, signal.SIGCONT)
        assert (await _livez(http, set()))["alive"]
        assert await world.stop_worker(worker) == 0


async def _livez(http: httpx.AsyncClient, stuck: set[str]) -> dict[str, Any]:
    """What /livez says once it names these loops, and with 503 if there are any."""
    for _ in range(300):
        answer = await http.get("/livez")
        told: dict[str, Any] = answer.json()
        assert answer.status_code == (503 if told["stuck"] else 200)
        if set(told["stuck"]) == stuck:
            return told
        await asyncio.sleep(0.1)
    raise AssertionError(f"it never named {stuck}: {told}")


async def test_a_node_that_is_killed_and_comes_back_older_decides_nothing_until_it_has_caught_up(
    mongo_uri: str, database_name: str, anvil: AnvilFactory, tmp_path: Path
) -> None:
    state, port = tmp_path / "chain.json", free_port()
    node = await anvil(automine=False, state_file=state, port=port)
    async with open_world(mongo_uri, database_name, EtherChain(node), tmp_path) as world:
        await world.fund()
        await world.person(1_000)
        await node.mine(3)
        # The chain's file is written every second.
        await asyncio.sleep(1.5)
        withdrawals = await world.queue(2)
        worker = world.start_worker()
        await said(world, "broadcast")
        await node.mine()
        await said(world, "confirmed")
        await node.stop(signal.SIGKILL)
        world.chain = EtherChain(await anvil(automine=False, state_file=state, port=port))
        assert await world.mine_until(PayoutState.SETTLED, withdrawals, seconds=90)
        verdict = await world.check(withdrawals)
        assert not (verdict.lost or verdict.doubled or verdict.wrong), verdict
        assert await world.stop_worker(worker) == 0


async def test_a_database_that_is_killed_and_comes_back_loses_nothing(
    anvil: AnvilFactory, tmp_path: Path, forks: ForkServer
) -> None:
    data, node = tmp_path / "mongod", await anvil(automine=False)
    mongo = EmbeddedMongo(data, wrapper=leashed([]))
    uri = await mongo.start()
    async with open_world(uri, "killed", EtherChain(node), tmp_path) as world:
        world.forks = forks
        await world.fund()
        await world.person(1_000)
        withdrawals = await world.queue(6)
        worker = world.start_worker()
        await said(world, "signed")
        pid = await running_pid(int(uri.partition("127.0.0.1:")[2].partition("/")[0]), data)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await said(world, "waiting")
        again = EmbeddedMongo(data, wrapper=leashed([]))
        assert await again.start() == uri
        assert await world.mine_until(PayoutState.SETTLED, withdrawals)
        verdict = await world.check(withdrawals)
        assert verdict, verdict
        assert await world.stop_worker(worker) == 0
    await again.stop()
    await mongo.stop()
