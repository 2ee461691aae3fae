"""When the queue is taken up."""

from __future__ import annotations

from typing import Any, cast

import pytest

from payout_worker.ports import Node, RailPorts, Signer
from payout_worker.tenure import Tenure
from payout_worker.trigger import Trigger
from tests.unit.wallet_core.world import BTC_ADDRESS, ITD, World
from wallet_core.domain.changes import Advance, Insert
from wallet_core.domain.lease import TakeLease
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.purchase import Rail
from wallet_core.settings import BitcoinLikeSettings

TENURE = Tenure("BTC:regtest:hot", 1, "worker")


class Queue:
    """A rail in memory whose batches are due at three payouts, or at one that is half an hour old."""

    def __init__(self) -> None:
        self.world = World(btc=BitcoinLikeSettings(batch_length=3, batch_age_seconds=1_800))
        core, nothing = self.world.ports, cast(Any, None)
        self.ports = RailPorts[Node].of(core, Asset.BTC, nothing, cast(Signer, nothing))
        self.trigger = Trigger(self.ports)
        self.count = 0

    async def post(self, *changes: Any) -> None:
        self.count += 1
        await self.ports.ledger.post(Posting(f"test:{self.count}", "test", "test", changes=changes))

    async def open(self) -> None:
        await self.post(TakeLease(TENURE.lease, TENURE.holder, 0))
        if await self.ports.store.get(Rail, Asset.BTC) is None:
            await self.post(Insert(Rail(id=Asset.BTC)))

    async def add(self, count: int = 1) -> None:
        for _ in range(count):
            await self.post(Insert(_withdrawal(f"w{self.count}", self.world), stamp="created_at"))

    async def look(self) -> bool:
        """Whether it was due; it was taken up then, and everything stayed where it was."""
        due = await self.trigger.is_due()
        if due:
            await self.trigger.taken_up(TENURE)
        return due


def _withdrawal(name: str, world: World) -> Withdrawal:
    return Withdrawal(
        id=name,
        person=1,
        state=PayoutState.QUEUED,
        asset=Asset.BTC,
        address=BTC_ADDRESS,
        amount_minor=ITD,
        fee_minor=0,
        coin_minor=1_000,
        rate_minor=ITD,
        quoted_until=world.clock(),
        mac="",
        decision={},
        limit_day="2026-11-22",
    )


@pytest.fixture
async def queue() -> Queue:
    made = Queue()
    await made.open()
    assert await made.look(), "a start takes the queue up"
    return made


async def test_a_queue_that_is_empty_or_short_and_young_waits(queue: Queue) -> None:
    assert not await queue.look()
    await queue.add(2)
    assert not await queue.look()


async def test_the_interval_takes_up_whatever_waits_once(queue: Queue) -> None:
    await queue.add()
    queue.trigger.form_soon()
    assert [await queue.look() for _ in range(2)] == [True, False]


async def test_a_long_queue_is_due_and_what_was_left_of_it_counts_no_more(queue: Queue) -> None:
    await queue.add(3)
    assert [await queue.look() for _ in range(2)] == [True, False]
    await queue.add(2)
    assert not await queue.look()
    await queue.add()
    assert await queue.look()


async def test_what_leaves_the_queue_makes_room_for_new_ones_to_count(queue: Queue) -> None:
    await queue.add(3)
    assert await queue.look()
    found = await queue.ports.store.find(Withdrawal, {})
    for withdrawal in found:
        await queue.post(move_payout(withdrawal.id, PayoutState.QUEUED, PayoutState.CANCELLED))
    assert not await queue.look()
    await queue.add(3)
    assert await queue.look()


async def test_one_that_has_waited_for_long_is_due_once(queue: Queue) -> None:
    await queue.add()
    queue.world.clock.turn(minutes=29)
    assert not await queue.look()
    queue.world.clock.turn(minutes=2)
    assert [await queue.look() for _ in range(2)] == [True, False]


async def test_what_may_not_be_paid_yet_makes_nothing_due(queue: Queue) -> None:
    for name in "abc":
        waits = {"not_before": queue.world.clock().replace(hour=23)}
        await queue.post(Insert(_withdrawal(name, queue.world).model_copy(update=waits), stamp="created_at"))
    queue.world.clock.turn(hours=1)
    assert not await queue.look()
    queue.world.clock.turn(hours=11)
    assert await queue.look()


async def test_an_admin_who_asks_is_heard_once(queue: Queue) -> None:
    await queue.post(Advance(Rail, Asset.BTC, "pay_asked", 0, 1))
    assert [await queue.look() for _ in range(2)] == [True, False]
    rail = await queue.ports.store.get(Rail, Asset.BTC)
    assert rail is not None and rail.pay_heard == 1
