"""Payouts on Bitcoin and Litecoin, step by step, on real nodes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from payout_worker.steps.form_batch import form_batch, queued, room_now
from tests.faults.chains import Chain
from tests.faults.coin_chain import CoinChain
from tests.faults.world import World, open_world
from tests.integration.worker.inside import Inside
from tests.integration.worker.paying import attempts, only_batch, patient
from tests.support.coin_chains import always_on
from wallet_core.adapters.mongo.codec import to_decimal
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, AttemptKind, BatchState, PayoutState
from wallet_core.domain.people import Role

COINS = pytest.mark.parametrize("asset", always_on(Asset.BTC))
BITCOIN = pytest.mark.parametrize("asset", [Asset.BTC])
LITECOIN = pytest.mark.parametrize("asset", [Asset.LTC])


@pytest.fixture
async def empty_world(mongo_uri: str, database_name: str, chain: Chain, tmp_path: Path) -> AsyncIterator[World]:
    """A world whose batches offer more at once, and which watches for long."""
    async with open_world(mongo_uri, database_name, chain, tmp_path, final_depth=4, **patient(chain.asset)) as made:
        yield made


async def grow_old(inside: Inside) -> None:
    """As if everything had been sent an hour ago."""
    earlier = [{"$set": {"broadcast_at": {"$subtract": ["$broadcast_at", 3_600_000]}}}]
    await inside.world.database["attempts"].update_many({}, earlier)


@pytest.mark.parametrize("asset", [Asset.BTC, Asset.LTC])
async def test_one_transaction_pays_many_and_each_settles_by_itself(inside: Inside) -> None:
    asked = await inside.world.queue(20)
    await inside.pay()
    batch = await only_batch(inside)
    assert (batch.state, len(batch.payouts), batch.unknown) == (BatchState.BROADCAST, 20, False)
    await inside.pay(blocks=1)
    assert (await only_batch(inside)).state is BatchState.CONFIRMED
    await inside.pay(blocks=1)
    batch = await only_batch(inside)
    assert batch.state is BatchState.SETTLED
    (attempt,) = await attempts(inside)
    parts = [(await inside.withdrawal(payout)).network_fee_minor for payout in asked]
    assert batch.network_fee_minor == attempt.fee_minor == sum(parts)
    assert await inside.world.check(asked)
    steps = await inside.steps_told()
    assert steps == [step for step in ("batched", "broadcast", "confirmed", "settled") for _ in asked]


@COINS
async def test_change_comes_back_in_pieces_and_is_spent_only_when_it_is_final(inside: Inside) -> None:
    await inside.world.queue(1)
    await inside.pay()
    await inside.world.queue(1)
    await inside.pay(blocks=1)
    first, second = await attempts(inside)
    assert len(first.change_minor) > 1 or len(second.change_minor) > 1
    assert not {utxo.partition(":")[0] for utxo in (*first.inputs, *second.inputs)} & {first.txid, second.txid}


@COINS
async def test_a_large_payout_waits_smaller_ones_go_on_until_it_is_old(inside: Inside) -> None:
    large = (await inside.world.queue(1, itd=100, coin_minor=10 * 10**8))[0]
    small = await inside.world.queue(2)
    await inside.pay()
    assert (await inside.withdrawal(large)).state is PayoutState.QUEUED
    assert (await inside.world.states(*small))[PayoutState.BATCHED] == 2
    long_ago = (await inside.ports.store.now()) - timedelta(hours=2)
    await inside.world.database["withdrawals"].update_one({"_id": large.id}, {"$set": {"created_at": long_ago}})
    (later,) = await inside.world.queue(1)
    await inside.pay()
    assert (await inside.withdrawal(later)).state is PayoutState.QUEUED


@BITCOIN
async def test_a_batch_that_blocks_pass_over_is_replaced_at_a_higher_fee(inside: Inside, world: World) -> None:
    asked = await world.queue(3)
    first, second = await _raised(inside)
    assert set(first.inputs) <= set(second.inputs) and second.fee_minor > first.fee_minor
    assert second.price_minor * 4 >= first.price_minor * 5
    await inside.pay(blocks=1)
    await inside.pay(blocks=1)
    batch = await only_batch(inside)
    assert (batch.state, batch.txid, batch.network_fee_minor) == (BatchState.SETTLED, second.txid, second.fee_minor)
    assert await world.check(asked)
    assert "bumped" in await inside.steps_told()


@LITECOIN
async def test_a_batch_that_blocks_pass_over_gets_a_child_that_pays_for_it(inside: Inside, world: World) -> None:
    asked = await world.queue(3)
    first, child = await _raised(inside)
    assert child.kind is AttemptKind.CHILD and child.inputs[0].startswith(first.txid)
    await inside.pay(blocks=1)
    await inside.pay(blocks=1)
    assert (await world.states(*asked))[PayoutState.SETTLED] == 3
    await inside.pay(blocks=4)
    batch = await only_batch(inside)
    assert batch.state is BatchState.SETTLED
    parts = [(await inside.withdrawal(payout)).network_fee_minor for payout in asked]
    assert batch.network_fee_minor == first.fee_minor + child.fee_minor == sum(parts)
    told = [message.facts for message in await inside.told("withdrawal") if message.facts["step"] == "settled"]
    assert {facts["id"]: facts["network_fee_minor"] for facts in told} == dict(
        zip([p.id for p in asked], parts, strict=True)
    )
    assert await world.check(asked)


async def _raised(inside: Inside) -> list[Attempt]:
    """The attempts at a batch that a block passed over, and that is raised when it is old enough."""
    await inside.pay()
    (first,) = await attempts(inside)
    await _passed_over(inside.world, first)
    await grow_old(inside)
    await inside.pay()
    return await attempts(inside)


async def _passed_over(world: World, attempt: Attempt) -> None:
    """A block comes without it."""
    assert isinstance(world.chain, CoinChain)
    for node in (world.chain.keeper, world.chain.node):
        await node.call("prioritisetransaction", attempt.txid, 0, -(10**7))
    await world.chain.mine()
    for node in (world.chain.keeper, world.chain.node):
        await node.call("prioritisetransaction", attempt.txid, 0, 10**7)


@COINS
async def test_at_the_ceiling_it_waits_and_the_owners_are_told_once(inside: Inside, world: World) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    await world.queue(1)
    await inside.pay()
    await world.database["attempts"].update_many({}, {"$set": {"price_minor": to_decimal(200)}})
    for _ in range(2):
        (first,) = await attempts(inside)
        await _passed_over(world, first)
        await grow_old(inside)
        await inside.pay()
    assert len(await attempts(inside)) == 1
    assert [alarm.facts["alarm"] for alarm in await inside.told("alarm")] == ["fee_capped"]


@COINS
async def test_a_payout_changed_after_forming_lets_nobody_of_its_batch_be_paid_wrongly(inside: Inside) -> None:
    changed, sound = await inside.world.queue(2)
    room = await room_now(inside.ports, inside.tenure)
    (page,) = [page async for page in queued(inside.ports)]
    await form_batch(inside.ports, inside.tenure, room, page)
    await inside.world.database["withdrawals"].update_one({"_id": changed.id}, {"$set": {"coin_minor": to_decimal(1)}})
    await inside.pay()
    (attempt,) = await attempts(inside)
    assert attempt.kind is AttemptKind.NO_OP
    for _ in range(6):
        await inside.pay(blocks=1)
    first, *others = await inside.batches()
    assert first.state is BatchState.ABANDONED and [batch.payouts for batch in others] == [(sound.id,)]
    for _ in range(3):
        await inside.pay(blocks=1)
    assert set(await inside.world.paid()) == {sound.address}
    assert (await inside.withdrawal(changed)).state is PayoutState.QUEUED


@COINS
@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_a_block_that_leaves_the_chain_within_the_final_depth_is_made_good(inside: Inside, depth: int) -> None:
    asked = await inside.world.queue(2)
    await inside.pay()
    for _ in range(depth):
        await inside.pay(blocks=1)
    await inside.world.chain.reorganise(depth)
    await inside.pay()
    assert (await only_batch(inside)).state is BatchState.BROADCAST
    for _ in range(6):
        await inside.pay(blocks=1)
    assert (await only_batch(inside)).state is BatchState.SETTLED
    assert (await inside.rail()).alarm is None
    assert await inside.world.check(asked)


@COINS
async def test_a_block_that_leaves_the_chain_after_it_was_final_freezes_the_wallet(inside: Inside) -> None:
    asked = await inside.world.queue(1)
    await inside.pay()
    for _ in range(6):
        await inside.pay(blocks=1)
    await inside.world.chain.reorganise(6)
    await inside.pay()
    assert "reorganised_after_final" in ((await inside.rail()).alarm or "")
    await inside.pay(blocks=1)
    assert not (await inside.world.check(asked)).doubled
