"""Fees, the gate before the node, leases, postings, failpoints."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from payout_worker import failpoints
from payout_worker.chains import served_chains
from payout_worker.families.gas import offer
from payout_worker.lease import LeaseKeeper
from payout_worker.ports import Node
from payout_worker.ready_node import WrongChainError, check_chain, ready
from payout_worker.schedule import running_scheduler, trigger
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.worker import Worker
from wallet_core.adapters.in_memory import InMemory
from wallet_core.domain.chain import Fees, Heights, Identity
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.lease import Heartbeat, HoldLease, Lease, TakeLease
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Target
from wallet_core.settings import BitcoinLikeSettings, Settings

GWEI = 10**9
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base", "tip", "max_fee"), [(10, 1, 21), (99, 2, 200), (120, 2, 200), (198, 2, 200), (0, 0, 0)]
)
def test_the_offer_leaves_room_for_the_base_fee_to_double(base: int, tip: int, max_fee: int) -> None:
    made = offer(Fees(base * GWEI, tip * GWEI), 200 * GWEI)
    assert (made.max_fee_minor, made.tip_minor) == (max_fee * GWEI, tip * GWEI)


def test_above_the_ceiling_payouts_wait() -> None:
    with pytest.raises(Refused) as refused:
        offer(Fees(199 * GWEI, 2 * GWEI), 200 * GWEI)
    assert refused.value.reason is Reason.RAIL_OFF


@pytest.mark.parametrize(("latest", "finalized", "final"), [(100, 98, 88), (100, 60, 60), (5, 3, -7), (100, -1, -1)])
def test_final_is_what_the_node_and_the_depth_agree_on(latest: int, finalized: int, final: int) -> None:
    assert Heights(latest, finalized).final(12) == final


class Scripted:
    """A node that says what a test tells it to."""

    def __init__(self, network: str = "1", genesis: str = "0xg", syncing: bool = False) -> None:
        self._identity = Identity(network, genesis)
        self._syncing = syncing
        self.latest = 10

    async def identity(self) -> Identity:
        return self._identity

    async def syncing(self) -> bool:
        return self._syncing

    async def heights(self) -> Heights:
        return Heights(self.latest, self.latest)


async def test_a_node_below_what_was_seen_decides_nothing() -> None:
    script = Scripted()
    node = ready(cast(Node, script), 10)
    assert (await node.heights()).latest == 10
    for latest in (9, 11, 10):
        script.latest = latest
        if latest == 11:
            await node.heights()
            continue
        with pytest.raises(Unavailable):
            await node.heights()
    assert await node.syncing() is False


async def test_another_chain_is_refused_and_a_node_that_catches_up_is_waited_for() -> None:
    await check_chain(cast(Node, Scripted()), "1")
    await check_chain(cast(Node, Scripted()), "1", None, "0xg", "")
    others = ((Scripted("2"), (None,)), (Scripted(genesis="0xother"), ("0xg",)), (Scripted(), ("0xg", "0xnoted")))
    for node, genesis in others:
        with pytest.raises(WrongChainError):
            await check_chain(cast(Node, node), "1", *genesis)
    with pytest.raises(Unavailable):
        await check_chain(cast(Node, Scripted(syncing=True)), "1", "0xg")


def test_every_posting_of_a_worker_starts_with_the_lease() -> None:
    tenure = Tenure("ETH:1:0x", 3, "me")
    other = TakeLease("other", "me", 0)
    for posting in (tenure.posting("kind", "subject", other), tenure.posting_once("kind", "key", other)):
        assert posting.changes == (HoldLease("ETH:1:0x", 3), other)
    assert tenure.posting("kind", "subject").key != tenure.posting("kind", "subject").key


@pytest.mark.parametrize("document", [None, Lease(id="l", epoch=4, holder="other").document()])
def test_a_lost_lease_refuses(document: dict[str, Any] | None) -> None:
    with pytest.raises(Refused) as refused:
        HoldLease("l", 3).apply(document, NOW)
    assert refused.value.reason is Reason.LEASE_LOST


def test_a_held_lease_is_written_back_and_a_taken_one_begins_an_epoch() -> None:
    document = Lease(id="l", epoch=3, holder="me").document()
    assert HoldLease("l", 3).apply(document, NOW) == document
    assert TakeLease("l", "other", 3).apply(document, NOW)["epoch"] == 4
    assert TakeLease("l", "me", 0).apply(None, NOW) == Lease(id="l", epoch=1, holder="me").document()
    with pytest.raises(Refused):
        TakeLease("l", "other", 2).apply(document, NOW)


class Clock:
    """The database's time."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def _keeper(memory: InMemory, holder: str) -> LeaseKeeper:
    return LeaseKeeper(memory, memory, "l", holder, 15)


async def test_a_lease_changes_hands_only_after_silence() -> None:
    clock = Clock()
    memory = InMemory(clock)
    first, second = _keeper(memory, "first"), _keeper(memory, "second")
    taken = await first.take()
    assert taken is not None
    for seconds in (0, 10, 10):
        clock.now += timedelta(seconds=seconds)
        assert await first.beat(taken.tenure)
        assert await second.take() is None
    clock.now += timedelta(seconds=16)
    over = await second.take()
    assert over is not None
    assert (over.tenure.epoch, over.own_before) == (2, None)
    assert not await first.beat(taken.tenure)


async def test_a_worker_takes_its_own_lease_back_at_once() -> None:
    memory = InMemory(Clock())
    await _keeper(memory, "me").take()
    again = await _keeper(memory, "me").take()
    assert again is not None
    assert (again.tenure.epoch, again.own_before) == (2, 1)


async def test_a_holder_that_was_never_heard_of_is_waited_for() -> None:
    """It was killed between taking the lease and its first heartbeat."""
    clock = Clock()
    memory = InMemory(clock)
    await _keeper(memory, "first").take()
    await memory.remove(Heartbeat, "l")
    second = _keeper(memory, "second")
    assert await second.take() is None
    clock.now += timedelta(seconds=14)
    assert await second.take() is None
    clock.now += timedelta(seconds=2)
    assert await second.take() is not None


async def test_a_late_heartbeat_of_the_overtaken_does_not_count() -> None:
    clock = Clock()
    memory = InMemory(clock)
    taken = await _keeper(memory, "first").take()
    clock.now += timedelta(seconds=16)
    await _keeper(memory, "second").take()
    assert taken is not None
    assert not await _keeper(memory, "first").beat(taken.tenure)
    assert memory.documents[Target("heartbeats", "l")]["holder"] == "second"


def test_the_first_signal_is_remembered_and_the_second_changes_nothing() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2)}
    stop = Stop()
    stop.listen()
    try:
        assert stop.name is None
        os.kill(os.getpid(), signal.SIGUSR2)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.name == "SIGUSR2"
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def test_what_may_be_given_up_ends_at_an_order_to_stop_and_not_before() -> None:
    stop = Stop()
    assert await stop.give_up(asyncio.sleep(0, "done")) == "done"
    given_up: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.append("it was told")

    waiting = asyncio.create_task(stop.give_up(wait_for_ever()))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    stop.name = "SIGTERM"
    assert await waiting is None
    assert given_up == ["it was told"]


async def test_what_fails_before_an_order_to_stop_fails_aloud() -> None:
    async def fail() -> None:
        raise WrongChainError("another")

    with pytest.raises(WrongChainError):
        await Stop().give_up(fail())


async def test_nobody_sleeps_through_an_order_to_stop() -> None:
    stop = Stop()
    await stop.sleep(0.01)
    sleeping = asyncio.create_task(stop.sleep(600))
    stop.name = "SIGINT"
    await asyncio.wait_for(sleeping, 1)


@dataclass
class Triggered:
    """What a schedule may ask of a worker, counted."""

    asset: Asset
    looks: int = 0
    batches: int = 0
    beats: int = 0

    def wake(self) -> None:
        self.looks += 1

    def form_soon(self) -> None:
        self.batches += 1

    async def beat(self) -> None:
        self.beats += 1


async def test_each_chain_is_triggered_at_its_own_pace_for_as_long_as_it_is_served() -> None:
    btc = BitcoinLikeSettings(batch_interval_seconds=0.05)
    settings = Settings(worker_poll_seconds=0.05, eth_batch_interval_seconds=60, lease_seconds=1, btc=btc)
    eth, coins = Triggered(Asset.ETH), Triggered(Asset.BTC)
    with running_scheduler() as scheduler:
        with trigger(scheduler, cast(Worker, eth), settings), trigger(scheduler, cast(Worker, coins), settings):
            await asyncio.sleep(0.5)
        assert eth.looks > 3 and eth.beats >= 1 and eth.batches == 0
        assert coins.looks > 3 and coins.beats >= 1 and coins.batches > 3
        # What was due already is still done.
        await asyncio.sleep(0.1)
        before = (eth.looks, coins.batches)
        await asyncio.sleep(0.2)
        assert (eth.looks, coins.batches) == before


def test_a_chain_is_served_if_its_node_has_an_address() -> None:
    assert served_chains(Settings(eth_rpc_url="")) == ()
    ltc = BitcoinLikeSettings(rpc_url="http://127.0.0.1:1")
    assert served_chains(Settings(ltc=ltc)) == (Asset.ETH, Asset.LTC)


def test_a_failpoint_that_the_source_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.VARIABLE, "form_batch:ledger.pots:after")
    with pytest.raises(InvariantViolated):
        failpoints.armed(cast(Any, None))


def test_without_the_variable_the_ports_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(failpoints.VARIABLE, raising=False)
    ports = object()
    assert failpoints.armed(cast(Any, ports)) is ports


def test_failpoints_are_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.VARIABLE, "form_batch:ledger.post:after")
    failpoints.refuse_in_production(Settings())
    with pytest.raises(InvariantViolated):
        failpoints.refuse_in_production(Settings(wallet_env="production"))
