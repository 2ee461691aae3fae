"""Several workers, several rails, real nodes: they divide them, and hand them over without losing or doubling any."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter

import pytest

from tests.conftest import CoinNode, CoinNodeFactory
from tests.faults.processes import Process, ended
from tests.faults.world import World
from tests.integration.worker.saying import said
from tests.integration.worker.test_several_chains import coin_settings
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.lease import SEAL_LEASE, Lease
from wallet_core.domain.payout import PayoutState

#: So long that whoever has to wait for it makes the test fail.
_PATIENT = {"LEASE_SECONDS": "4"}


@pytest.fixture
async def nodes(coin_node: CoinNodeFactory) -> dict[str, str]:
    """The settings of both chains of coins; a node whose newest block is of today counts as ready."""
    made: dict[str, CoinNode] = {"BTC": await coin_node("btc"), "LTC": await coin_node("ltc")}
    for node in made.values():
        await node.mine(1)
    return coin_settings(**made)


def start(world: World, name: str, nodes: dict[str, str], **more: str) -> Process:
    return world.start_worker(name, **{**nodes, **_PATIENT, **more})


async def holders(world: World) -> dict[str, str]:
    """The worker of each rail, and of the seals, by the name of its state folder."""
    names = {identity(world, name): name for name in set(world.names)}
    leases = await world.ports.store.find(Lease, {}, limit=100)
    return {
        lease.id.partition(":")[0]: names.get(lease.holder, "?") if lease.released_for is None else ""
        for lease in leases
    }


def identity(world: World, name: str) -> str:
    path = world.folder / name / "identity"
    return path.read_text().strip() if path.exists() else ""


async def shares_of(world: World) -> Counter[str]:
    """How many rails each worker has."""
    return Counter(name for rail, name in (await holders(world)).items() if rail != SEAL_LEASE)


async def until_shared(world: World, **wanted: int) -> None:
    """Waits until each worker has so many rails."""
    for _ in range(600):
        if await shares_of(world) == Counter(wanted):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(await holders(world))


async def shared_by_two(world: World, nodes: dict[str, str]) -> tuple[Process, Process]:
    """A worker that had all three rails, and a second one that took one of them."""
    first = start(world, "first", nodes)
    await until_shared(world, first=3)
    second = start(world, "second", nodes)
    await until_shared(world, first=2, second=1)
    return first, second


async def until_even(world: World) -> None:
    """Waits until two workers have one rail and two."""
    for _ in range(600):
        if sorted((await shares_of(world)).values()) == [1, 2]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(await holders(world))


async def lease_records(world: World, kind: str) -> list[JournalRecord]:
    return await world.ports.store.find(JournalRecord, {"kind": kind}, order_by=("at",), limit=1_000)


async def test_two_workers_divide_three_rails_and_who_is_told_to_stop_leaves_them_at_once(
    world: World, nodes: dict[str, str]
) -> None:
    first, second = await shared_by_two(world, nodes)
    withdrawals = await world.queue(2)
    assert await world.stop_worker(first) == 0
    await until_shared(world, second=3)
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    # Nobody waited for a lease to grow old: each one was let go before it was taken by another.
    released = {(r.facts["lease"], r.facts["epoch"]) for r in await lease_records(world, "lease_released")}
    taken = {(r.facts["lease"], r.facts["epoch"]) for r in await lease_records(world, "lease_taken")}
    assert {(lease, epoch - 1) for lease, epoch in taken if lease != SEAL_LEASE and epoch > 1} <= released
    assert (await holders(world))[SEAL_LEASE] == "second"
    verdict = await world.check(withdrawals)
    assert verdict, verdict
    assert await world.stop_worker(second) == 0


@pytest.mark.campaign
async def test_of_a_worker_that_is_killed_another_takes_everything_after_the_leases_time(
    world: World, nodes: dict[str, str]
) -> None:
    first, second = await shared_by_two(world, nodes)
    withdrawals = await world.queue(3)
    first.kill()
    await ended(first)
    await until_shared(world, second=3)
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    verdict = await world.check(withdrawals)
    assert verdict, verdict
    # It comes back, and has its share again.
    first = start(world, "first", nodes)
    await until_shared(world, first=1, second=2)
    assert [await world.stop_worker(first), await world.stop_worker(second)] == [0, 0]


@pytest.mark.campaign
async def test_workers_that_come_and_go_while_payouts_run_pay_each_once(world: World, nodes: dict[str, str]) -> None:
    """On each change the chain with payouts may move to another worker, with batches of it in every state."""
    withdrawals = await world.queue(4)
    workers = {"one": start(world, "one", nodes)}
    for name, gone in (("two", None), ("three", "one"), ("four", "two"), ("five", "three")):
        withdrawals += await world.queue(4)
        workers[name] = start(world, name, nodes)
        await asyncio.gather(said(world, "waiting_for_lease", name), world.chain.mine())
        if gone is not None:
            assert await world.stop_worker(workers.pop(gone)) == 0
        withdrawals += await world.queue(2)
        await world.chain.mine()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals, seconds=120)
    verdict = await world.check(withdrawals)
    assert verdict, verdict
    await until_even(world)
    for worker in workers.values():
        assert await world.stop_worker(worker) == 0


@pytest.mark.campaign
async def test_a_rail_goes_to_nobody_whose_node_is_away_or_who_does_not_serve_it(
    world: World, nodes: dict[str, str]
) -> None:
    first = start(world, "first", nodes)
    await until_shared(world, first=3)
    away = start(world, "away", nodes, WORKER_RAILS="LTC", LTC_RPC_URL="http://127.0.0.1:9")
    coins = start(world, "coins", nodes, WORKER_RAILS="BTC")
    await until_shared(world, first=2, coins=1)
    assert (await holders(world))["BTC"] == "coins"
    await said(world, "waiting_for_node", "away")
    assert [await world.stop_worker(worker) for worker in (away, coins)] == [0, 0]
    await until_shared(world, first=3)
    assert await world.stop_worker(first) == 0


@pytest.mark.campaign
@pytest.mark.parametrize("who", ["holder", "heir"])
async def test_whoever_is_paused_in_the_middle_of_a_handover_harms_nothing(
    world: World, nodes: dict[str, str], who: str
) -> None:
    withdrawals = await world.queue(4)
    first = start(world, "first", nodes)
    await until_shared(world, first=3)
    second = start(world, "second", nodes)
    await said(world, "giving_away", "first", seconds=60)
    paused, other = (first, "second") if who == "holder" else (second, "first")
    paused.send_signal(signal.SIGSTOP)
    try:
        await until_shared(world, **{other: 3})
        withdrawals += await world.queue(3)
        assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    finally:
        paused.send_signal(signal.SIGCONT)
    await until_even(world)
    withdrawals += await world.queue(3)
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    verdict = await world.check(withdrawals)
    assert verdict, verdict
    await until_even(world)
    assert [await world.stop_worker(first), await world.stop_worker(second)] == [0, 0]
