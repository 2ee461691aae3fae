"""One worker, several chains on real nodes: each under a lease of its own, none waiting for another."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import Any

import httpx
import pytest

from payout_worker.lease import Taken
from payout_worker.signals import SIGNALS
from payout_worker.state_file import Item, StateFile, parsed
from payout_worker.tenure import Tenure
from payout_worker.unit import Unit
from tests.conftest import CoinNode, CoinNodeFactory
from tests.faults.processes import ended
from tests.faults.world import World
from tests.integration.worker.saying import said
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.lease import SEAL_LEASE, Heartbeat, Lease, TakeLease
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.purchase import Rail

ETH, BTC, LTC = Asset.ETH, Asset.BTC, Asset.LTC
CHAINS = (ETH, BTC, LTC)
UNITS = ("payout", "purchase")


def coin_settings(**nodes: CoinNode | str) -> dict[str, str]:
    """The variables with which a worker serves these chains; of a node only the address may be given."""
    found = {}
    for chain, node in nodes.items():
        url = node if isinstance(node, str) else node.url
        found |= {f"{chain}_RPC_URL": url, f"{chain}_RPC_USER": "wallet", f"{chain}_RPC_PASSWORD": "wallet"}
    return found


@pytest.fixture
async def btc(coin_node: CoinNodeFactory) -> CoinNode:
    return await _fresh(await coin_node("btc"))


@pytest.fixture
async def ltc(coin_node: CoinNodeFactory) -> CoinNode:
    return await _fresh(await coin_node("ltc"))


async def _fresh(node: CoinNode) -> CoinNode:
    """A node whose newest block is of today: without one it counts itself as catching up."""
    await node.mine(1)
    return node


async def _leases(world: World) -> dict[str, Lease]:
    """Every lease but the sealer's, by its chain."""
    found = await world.ports.store.find(Lease, {}, limit=100)
    return {lease.id.partition(":")[0]: lease for lease in found if lease.id != SEAL_LEASE}


async def _all_taken(world: World, *assets: Asset) -> None:
    for _ in range(600):
        if {*assets} <= {line["asset"] for line in world.log_of() if line["event"] == "lease_taken"}:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not all of {assets} were taken: {world.log_of()}")


def _saved(world: World, unit: str = "payout") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((world.folder / "worker" / f"{unit}.state.json").read_text())
    return found


async def _ready(url: str) -> tuple[int, dict[str, str]]:
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.get("/readyz")
        return answer.status_code, answer.json()["parts"]


async def test_each_chain_has_its_own_lease_rail_heartbeat_epoch_and_figures(
    world: World, btc: CoinNode, ltc: CoinNode
) -> None:
    port = free_port()
    worker = world.start_worker(**coin_settings(BTC=btc, LTC=ltc), WORKER_HEALTH_PORT=str(port))
    await _all_taken(world, *CHAINS)
    leases = await _leases(world)
    assert leases.keys() == set(CHAINS)
    networks = {ETH: "31337", BTC: "regtest", LTC: "regtest"}
    for asset in CHAINS:
        assert leases[asset].id.startswith(f"{asset}:{networks[asset]}:")
        beat = await world.ports.store.get(Heartbeat, leases[asset].id)
        assert beat is not None and beat.epoch == leases[asset].epoch == 1
    for asset in (BTC, LTC):
        rail = await world.ports.store.get(Rail, asset)
        assert rail is not None and rail.genesis == NETWORKS[asset, "regtest"].genesis
        opened = await world.ports.store.get(JournalRecord, f"rail:{asset}")
        assert opened is not None and opened.kind == "rail_opened"
    wanted = {f"{asset} {part}" for asset in CHAINS for part in ("node", "lease", *UNITS)}
    for _ in range(60):
        code, parts = await _ready(f"http://127.0.0.1:{port}")
        if code == 200 and wanted < parts.keys():
            break
        await asyncio.sleep(0.5)
    assert (code, wanted - parts.keys()) == (200, set()), parts
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        figures = (await http.get("/metrics")).text
        turns = (await http.get("/livez")).json()["seconds_since_turn"]
    assert all(f'payout_worker_lease_epoch{{asset="{asset}"}} 1.0' in figures for asset in CHAINS)
    assert turns.keys() == {*(f"{asset} {unit}" for asset in CHAINS for unit in UNITS), "seal"}
    assert await world.stop_worker(worker) == 0
    assert _saved(world)["epochs"] == dict.fromkeys(CHAINS, 1)
    assert _saved(world, "purchase")["epochs"] == dict.fromkeys(CHAINS, 1)


async def test_a_chain_whose_node_is_away_keeps_no_other_waiting(world: World, btc: CoinNode) -> None:
    port = free_port()
    withdrawals = await world.queue(2)
    await btc.stop()
    worker = world.start_worker(**coin_settings(BTC=btc), WORKER_HEALTH_PORT=str(port))
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert (await _leases(world)).keys() == {ETH}
    code, parts = await _ready(f"http://127.0.0.1:{port}")
    assert code == 503
    assert {part for part, says in parts.items() if says != "ok"} == {"BTC node", "BTC lease"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.get("/livez")).status_code == 200
    await btc.restart()
    await _all_taken(world, BTC)
    await btc.stop(signal.SIGKILL)
    more = await world.queue(1)
    assert await world.mine_until(PayoutState.SETTLED, more)
    assert (await _ready(f"http://127.0.0.1:{port}"))[1]["BTC node"] != "ok"
    assert await world.stop_worker(worker) == 0


@pytest.mark.parametrize("wrong", ["network", "genesis", "another coin's node"])
async def test_one_wrong_chain_refuses_to_start_all_of_them(world: World, ltc: CoinNode, wrong: str) -> None:
    settings = {
        "network": {**coin_settings(LTC=ltc), "LTC_NETWORK": "test"},
        "genesis": {**coin_settings(LTC=ltc), "LTC_GENESIS": "00" * 32},
        "another coin's node": coin_settings(BTC=ltc),
    }[wrong]
    assert await ended(world.start_worker(**settings)) == 2
    assert [line["event"] for line in world.log_of()][-1] == "must_not_start"
    assert await _leases(world) == {}
    assert await world.ports.store.count(Rail, {}) == 1


async def test_a_node_that_comes_late_and_is_of_a_wrong_chain_ends_the_whole_process(
    world: World, ltc: CoinNode
) -> None:
    await ltc.stop()
    worker = world.start_worker(**coin_settings(BTC=ltc))
    await _all_taken(world, ETH)
    await ltc.restart()
    assert await ended(worker) == 2


async def test_no_chain_at_all_is_nothing_to_start_for(world: World) -> None:
    assert await ended(world.start_worker(ETH_RPC_URL="")) == 2
    assert "ETH_RPC_URL" in str(world.log_of()[-1]["error"])


async def test_one_chain_alone_is_served_without_the_others(world: World, ltc: CoinNode) -> None:
    worker = world.start_worker(**coin_settings(LTC=ltc), ETH_RPC_URL="")
    await _all_taken(world, LTC)
    assert (await _leases(world)).keys() == {LTC}
    assert await world.stop_worker(worker) == 0


async def test_a_lease_that_is_lost_on_one_chain_is_no_matter_to_another(world: World, ltc: CoinNode) -> None:
    worker = world.start_worker(**coin_settings(LTC=ltc))
    await _all_taken(world, ETH, LTC)
    before = await _leases(world)
    await _overtake(world, before[LTC])
    lost = await said(world, "lease_lost")
    assert lost["asset"] == LTC
    withdrawals = await world.queue(2)
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    # The other one was never heard of again.
    await said(world, "waiting_for_lease")
    await _retaken(world, LTC, 3)
    epochs = {asset: lease.epoch for asset, lease in (await _leases(world)).items()}
    assert epochs == {ETH: before[ETH].epoch, LTC: 3}
    assert await world.stop_worker(worker) == 0
    assert _saved(world)["epochs"] == {"ETH": 1, "LTC": 3}


async def _retaken(world: World, asset: Asset, epoch: int) -> None:
    for _ in range(300):
        if (await _leases(world))[asset].epoch == epoch:
            return
        await asyncio.sleep(0.1)


async def _overtake(world: World, lease: Lease) -> None:
    """Another worker takes the lease, and is killed after its first heartbeat."""
    taken = TakeLease(lease.id, "another worker", lease.epoch)
    await world.ports.ledger.post(Posting(f"test:{lease.id}", "lease_taken", "test", changes=(taken,)))
    beat = Heartbeat(id=lease.id, epoch=lease.epoch + 1, holder="another worker", at=await world.ports.store.now())
    await world.ports.store.put(beat)


async def test_a_file_that_is_wrong_about_one_chain_is_believed_about_the_other(world: World, ltc: CoinNode) -> None:
    first = world.start_worker(**coin_settings(LTC=ltc))
    await _all_taken(world, ETH, LTC)
    assert await world.stop_worker(first) == 0
    file = StateFile(world.folder / "worker", "payout")
    items = tuple(Item(asset=asset, kind="batch", id=f"of {asset}", step="signed") for asset in (LTC, ETH))
    file.save("SIGTERM", {ETH: 1, LTC: 7}, items)
    again = world.start_worker(**coin_settings(LTC=ltc))
    resumed = await said(world, "resuming_from_file")
    assert (resumed["asset"], resumed["items"]) == (ETH, ["of ETH"])
    aside = await said(world, "state_file_set_aside")
    assert "LTC is of epoch 7" in str(aside["why"])
    kept = parsed(file.path.with_suffix(".aside.json").read_bytes(), "payout")
    assert (kept.epochs[LTC], items[0] in kept.items) == (7, True)
    assert await world.stop_worker(again) == 0
    assert len([line for line in world.log_of() if line["event"] == "state_file_set_aside"]) == 1


@pytest.mark.parametrize("name", [number.name for number in SIGNALS])
async def test_a_signal_ends_all_chains_at_once_also_while_a_node_hangs(
    world: World, btc: CoinNode, ltc: CoinNode, name: str
) -> None:
    withdrawals = await world.queue(2)
    worker = world.start_worker(**coin_settings(BTC=btc, LTC=ltc))
    await _all_taken(world, *CHAINS)
    await said(world, "broadcast")
    os.kill(btc.process.pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(0.5)
        began = time.monotonic()
        for number in (signal.Signals[name], *SIGNALS):
            worker.send_signal(number)
            await asyncio.sleep(0.01)
        assert await ended(worker) == 0
        assert time.monotonic() - began < 5
    finally:
        os.kill(btc.process.pid, signal.SIGCONT)
    assert [_saved(world, unit)["why"] for unit in UNITS] == [name, name]
    assert len(_saved(world)["items"]) == 2
    again = world.start_worker(**coin_settings(BTC=btc, LTC=ltc))
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.stop_worker(again) == 0
    verdict = await world.check(withdrawals)
    assert verdict, verdict


async def test_storms_of_signals_at_any_moment_of_a_life_cut_nothing_short(
    world: World, btc: CoinNode, ltc: CoinNode
) -> None:
    withdrawals = await world.queue(4)
    for delay in (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5):
        worker = world.start_worker(**coin_settings(BTC=btc, LTC=ltc))
        await asyncio.sleep(delay)
        began = time.monotonic()
        for number in (*SIGNALS, *SIGNALS):
            worker.send_signal(number)
            await asyncio.sleep(0.01)
        # Before the handlers stand the default action is right: nothing was begun.
        assert await ended(worker) in (0, *(-number for number in SIGNALS))
        assert time.monotonic() - began < 5
    worker = world.start_worker(**coin_settings(BTC=btc, LTC=ltc))
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.stop_worker(worker) == 0
    verdict = await world.check(withdrawals)
    assert verdict, verdict


async def test_a_signal_while_all_nodes_are_away_ends_it_and_keeps_what_the_file_knew(world: World) -> None:
    state = world.folder / "worker"
    state.mkdir()
    unit = Unit("payout", StateFile(state, "payout"))
    for asset in (ETH, BTC):
        unit.rail(asset).begin(Taken(Tenure("lease", 4, "me"), None))
        unit.rail(asset).note("batch", f"of {asset}", "signed")
    unit.save()
    nobody = f"http://127.0.0.1:{free_port()}"
    worker = world.start_worker(**coin_settings(BTC=nobody), ETH_RPC_URL=nobody)
    await said(world, "waiting_for_node")
    began = time.monotonic()
    assert await world.stop_worker(worker) == 0
    assert time.monotonic() - began < 2
    assert [item["id"] for item in _saved(world)["items"]] == ["of ETH", "of BTC"]
    assert (_saved(world)["why"], _saved(world)["epochs"]) == ("SIGTERM", {"ETH": 4, "BTC": 4})
