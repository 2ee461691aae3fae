"""What people and admins are shown: their own, in order, and exact."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.wallet_core.world import ADDRESS, ITD, World
from wallet_core.domain.changes import Insert
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.kyc import Limit, Operation, Used
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, Batch, BatchState
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.overview import overview
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.show_balance import BalanceSheet, show_balance
from wallet_core.use_cases.show_batches import show_batches
from wallet_core.use_cases.show_desk import show_desk
from wallet_core.use_cases.show_history import show_history
from wallet_core.use_cases.show_limits import show_limits
from wallet_core.use_cases.show_queue import show_queue


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail()
    alice = await world.person(1, "alice")
    await world.fund(alice, 1_000)
    return alice


async def withdraw(world: World, caller: Caller, amount: str = "20") -> None:
    intent = (await quote_withdrawal(world.ports, caller, amount, "ETH", ADDRESS)).intent.id
    await request_withdrawal(world.ports, caller, intent, await world.code(caller))


def batch(batch_id: str, state: BatchState, **fields: Any) -> Batch:
    return Batch(id=batch_id, asset=Asset.BTC, state=state, payouts=("w",), sender="hot", inputs=("t:0",), **fields)


async def send(world: World, sender: Caller, to: str, amount: str) -> None:
    await confirm_send(world.ports, sender, (await quote_send(world.ports, sender, amount, to)).intent.id)


async def test_who_has_nothing_sees_nothing(world: World) -> None:
    assert await show_balance(world.ports, await world.person(1)) == BalanceSheet(0, 0, 0)


async def test_a_balance_shows_what_may_be_spent_what_is_held_and_both_in_cents(world: World, alice: Caller) -> None:
    await withdraw(world, alice)
    sheet = await show_balance(world.ports, alice)
    assert sheet == BalanceSheet(979_500_000, 20_500_000, 100_000)


async def test_cents_are_rounded_down() -> None:
    world = World(itd_price_usd="0.999")
    alice = await world.person(1)
    await world.fund(alice, 1)
    assert (await show_balance(world.ports, alice)).usd_minor == 99


async def test_history_has_the_newest_first_and_each_persons_own_side(world: World, alice: Caller) -> None:
    bob = await world.person(2, "bob")
    world.clock.turn(seconds=1)
    await send(world, alice, "bob", "5")
    world.clock.turn(seconds=1)
    await withdraw(world, alice)
    mine, theirs = await show_history(world.ports, alice), await show_history(world.ports, bob)
    assert [(row.kind, row.amount_minor) for row in mine.rows][:2] == [
        ("withdrawal_held", -20_500_000),
        ("sent", -5 * ITD),
    ]
    assert [(row.kind, row.amount_minor) for row in theirs.rows][:1] == [("sent", 5 * ITD)]
    assert not any(row.kind == "withdrawal_held" for row in theirs.rows)


async def test_limits_show_used_allowed_and_the_next_level(world: World, alice: Caller) -> None:
    await withdraw(world, alice)
    sheet = await show_limits(world.ports, alice)
    row = next(row for row in sheet.rows if row.operation is Operation.PAYOUT)
    assert (sheet.level, sheet.frees_at) == (1, datetime(2026, 11, 23, tzinfo=UTC))
    assert (row.used, row.limit) == (Used(1, 20 * ITD), Limit(3, 250 * ITD))
    assert row.next_level == Limit(10, 2_500 * ITD)
    assert [row.operation for row in sheet.rows] == list(Operation)


async def test_the_desk_and_the_queue_show_the_oldest_first(world: World, alice: Caller) -> None:
    support = await world.person(9, role=Role.SUPPORT)
    await withdraw(world, alice, "201")
    await withdraw(world, alice, "20")
    desk = await show_desk(world.ports, support)
    (rail,) = desk.rails
    assert (rail.queued, rail.in_flight, rail.batches, desk.reviews_waiting, len(desk.reviews)) == (1, 0, 0, 1, 1)
    assert rail.oldest_at == desk.now
    page = await show_queue(world.ports, support)
    assert ([w.amount_minor for w in page.payouts], page.has_more) == ([201 * ITD, 20 * ITD], False)
    assert (await show_queue(world.ports, support, page=2)).payouts == []


async def test_the_desk_counts_each_chain_by_itself(world: World, alice: Caller) -> None:
    support = await world.person(9, role=Role.SUPPORT)
    await world.open_payouts(Asset.BTC, pay_asked=2, pay_heard=1)
    for state, unknown in ((BatchState.BROADCAST, True), (BatchState.FORMED, False), (BatchState.SETTLED, False)):
        await world.post(changes=(Insert(batch(f"b-{state}", state, unknown=unknown)),))
    desk = await show_desk(world.ports, support)
    rails = {rail.rail.id: (rail.batches, rail.unknown, rail.oldest_at) for rail in desk.rails}
    assert rails == {Asset.ETH: (0, 0, None), Asset.BTC: (2, 1, None)}


async def test_batches_in_flight_are_shown_with_what_was_tried(world: World) -> None:
    support = await world.person(9, role=Role.SUPPORT)
    for number in range(10):
        await world.post(changes=(Insert(batch(f"b{number}", BatchState.BROADCAST), stamp="created_at"),))
        world.clock.turn(seconds=1)
    for number in (1, 2):
        attempt = Attempt(id=f"b0:{number}", batch="b0", number=number, txid=f"t{number}", raw=b"")
        await world.post(changes=(Insert(attempt),))
    first, second = await show_batches(world.ports, support), await show_batches(world.ports, support, page=2)
    assert ([row.batch.id for row in first.rows], first.has_more) == ([f"b{n}" for n in range(8)], True)
    assert ([row.batch.id for row in second.rows], second.has_more) == (["b8", "b9"], False)
    assert first.rows[0].newest is not None
    assert (first.rows[0].attempts, first.rows[0].newest.txid) == (2, "t2")
    assert (first.rows[1].attempts, first.rows[1].newest) == (0, None)


async def test_the_overview_sums_peoples_money_and_names_nobody(world: World, alice: Caller) -> None:
    await world.fund(await world.person(2, "bob"), 5)
    await withdraw(world, alice)
    figures = await overview(world.ports)
    assert figures["payouts"]["queued"] == 1
    assert figures["rails"] == {"ETH": "running"}
    assert figures["ledger"]["ITD people available"] == "984.5"
    assert figures["ledger"]["ITD people held"] == "20.5"
    assert not any("person" in name for name in figures["ledger"])


async def test_overview_and_desk_tell_what_a_hot_wallet_has(world: World) -> None:
    support = await world.person(9, role=Role.SUPPORT)
    level = Level(
        id=Asset.ETH,
        address="0x",
        free_minor=10**18,
        queued_minor=0,
        floor_minor=2 * 10**18,
        ceiling_minor=4 * 10**18,
        at=await world.memory.now(),
    )
    await world.open_payouts(Asset.ETH)
    await world.memory.put(level)
    hot = (await overview(world.ports))["hot wallets"]
    assert hot == {"ETH": {"free": "1", "queued": "0", "floor": "2", "ceiling": "4", "missing": "2"}}
    assert [rail.level for rail in (await show_desk(world.ports, support)).rails] == [level]
