"""What raises of a fee cost, and what becomes of them when blocks, pools and ceilings change; on real nodes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from payout_worker.payouts import Payouts
from payout_worker.signals import Stop
from payout_worker.steps.bump_fee import bump_fee
from payout_worker.steps.sign_batch import sign_batch
from tests.faults.chains import Chain
from tests.faults.coin_chain import CoinChain
from tests.faults.world import World, open_world, settings_of
from tests.integration.worker.inside import Inside
from tests.integration.worker.paying import attempts, only_batch, patient
from wallet_core.adapters.mongo.codec import encode
from wallet_core.domain.chain import FeeRates
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import AttemptKind, Batch, BatchState
from wallet_core.domain.people import Role
from wallet_core.domain.transaction_size import transaction_vsize

BITCOIN = pytest.mark.parametrize("asset", [Asset.BTC])
LITECOIN = pytest.mark.parametrize("asset", [Asset.LTC])


@pytest.fixture
def more() -> dict[str, str]:
    """Settings of the chain beside the usual ones."""
    return {}


@pytest.fixture
async def empty_world(
    mongo_uri: str, database_name: str, chain: Chain, tmp_path: Path, more: dict[str, str]
) -> AsyncIterator[World]:
    """A world whose batches offer more at once, and which watches for long."""
    settings = patient(chain.asset, **more)
    async with open_world(mongo_uri, database_name, chain, tmp_path, final_depth=4, **settings) as made:
        await made.person(0, person=7, role=Role.OWNER)
        yield made


async def alarms(inside: Inside) -> list[str]:
    return [alarm.facts["alarm"] for alarm in await inside.told("alarm")]


def chain_of(inside: Inside) -> CoinChain:
    assert isinstance(inside.world.chain, CoinChain)
    return inside.world.chain


async def pass_over(inside: Inside) -> None:
    """A block comes without anything of ours, and everything was sent an hour ago."""
    await chain_of(inside).mine_empty()
    earlier = [{"$set": {"broadcast_at": {"$subtract": ["$broadcast_at", 3_600_000]}}}]
    await inside.world.database["attempts"].update_many({}, earlier)


async def raise_fee(inside: Inside) -> None:
    await pass_over(inside)
    await inside.pay()


async def pool(inside: Inside) -> dict[str, Any]:
    found: dict[str, Any] = await chain_of(inside).node.call("getrawmempool", True)
    return found


async def settle(inside: Inside) -> Batch:
    for _ in range(7):
        await inside.pay(blocks=1)
    return await only_batch(inside)


@LITECOIN
async def test_each_child_offers_what_it_says_and_is_sent_again_when_a_pool_lost_it(inside: Inside) -> None:
    """For miners a transaction offers what it and everything that it descends from pay together."""
    asked = await inside.world.queue(30)
    await inside.pay()
    for _ in range(3):
        await raise_fee(inside)
    parent, *children = await attempts(inside)
    assert [child.kind for child in children] == [AttemptKind.CHILD] * 3
    in_pool = await pool(inside)
    for child in children:
        entry = in_pool[child.txid]
        assert int(entry["fees"]["ancestor"].scaleb(8)) >= child.price_minor * entry["ancestorsize"]
    await chain_of(inside).forget()
    await chain_of(inside).node.call("sendrawtransaction", parent.raw.hex())
    await chain_of(inside).mine_empty()
    await inside.pay()
    assert set(await pool(inside)) >= {parent.txid, *(child.txid for child in children)}
    batch = await settle(inside)
    assert batch.network_fee_minor == sum(attempt.fee_minor for attempt in await attempts(inside))
    assert await inside.world.check(asked)


@LITECOIN
async def test_a_child_is_held_back_while_its_parent_is_in_a_block(inside: Inside) -> None:
    asked = await inside.world.queue(2)
    await inside.pay()
    await pass_over(inside)
    assert await bump_fee(inside.ports, inside.tenure, await only_batch(inside))
    assert await sign_batch(inside.ports, inside.tenure, await only_batch(inside))
    await inside.pay(blocks=1)
    parent, child = await attempts(inside)
    assert child.broadcast_at is None and child.txid not in await pool(inside)
    await inside.world.chain.reorganise(1)
    await chain_of(inside).node.call("sendrawtransaction", parent.raw.hex())
    for _ in range(2):
        await chain_of(inside).mine_empty()
        await inside.pay()
    parent, child = await attempts(inside)
    assert child.broadcast_at is not None and child.txid in await pool(inside)
    batch = await settle(inside)
    assert batch.network_fee_minor == parent.fee_minor + child.fee_minor
    assert await inside.world.check(asked)


@LITECOIN
async def test_a_child_that_lower_ceilings_forbid_is_forgone_and_may_be_wanted_again(inside: Inside) -> None:
    asked = await inside.world.queue(2)
    await inside.pay()
    await pass_over(inside)
    assert await bump_fee(inside.ports, inside.tenure, await only_batch(inside))
    lower = settings_of({**inside.world.environment, "LTC_MAX_BATCH_FEE": "0.00003"})
    usual = inside.payouts
    inside.payouts = Payouts(replace(inside.ports, settings=lower), usual._items, Stop())
    await raise_fee(inside)
    batch = await only_batch(inside)
    assert (batch.state, batch.wants, await alarms(inside)) == (BatchState.BROADCAST, None, [])
    inside.payouts = usual
    await raise_fee(inside)
    assert len(await attempts(inside)) == 2
    assert (await settle(inside)).state is BatchState.SETTLED
    assert await inside.world.check(asked)


@BITCOIN
@pytest.mark.parametrize("more", [{"MAX_FEE_RATE": "100"}])
async def test_a_raise_costs_the_increment_more_however_full_the_pool_is(inside: Inside) -> None:
    """Until the ceiling is reached, which the signer never has to refuse."""

    async def rates() -> FeeRates:
        return FeeRates(market_minor=60, least_minor=50, increment_minor=1)

    inside.ports.node.fee_rates = rates
    await inside.world.queue(2)
    await inside.pay()
    for _ in range(4):
        await raise_fee(inside)
    made = await attempts(inside)
    assert [attempt.price_minor for attempt in made] == [60, 75, 94, 100]
    assert made[1].fee_minor < 1.5 * made[0].fee_minor
    assert await alarms(inside) == ["fee_capped"]


@BITCOIN
async def test_nobody_reads_of_a_raise_that_the_network_refused(inside: Inside) -> None:
    """As when a receiver spends a payment at once: to replace that too would cost more than we reckon with."""
    await inside.world.queue(1)
    await inside.pay()
    (first,) = await attempts(inside)
    await chain_of(inside).node.call("prioritisetransaction", first.txid, 0, 10**6)
    await raise_fee(inside)
    first, second = await attempts(inside)
    assert second.txid not in await pool(inside)
    told = (await inside.told("withdrawal"))[-1].facts
    assert (told["step"], told["txid"]) == ("broadcast", first.txid)


@BITCOIN
@pytest.mark.parametrize("more", [{"BUMP_AFTER_SECONDS": "1800"}])
async def test_patience_begins_anew_when_a_block_leaves_the_chain(inside: Inside) -> None:
    await inside.world.queue(1)
    await inside.pay()
    await inside.pay(blocks=1)
    await pass_over(inside)
    await inside.pay()
    await inside.world.chain.reorganise(2)
    await inside.pay()
    assert (await only_batch(inside)).state is BatchState.BROADCAST
    await chain_of(inside).mine_empty()
    await inside.pay()
    assert len(await attempts(inside)) == 1 and not (await only_batch(inside)).wants


@BITCOIN
async def test_whoever_writes_into_the_database_burns_no_more_than_the_highest_rate(inside: Inside) -> None:
    """And a no-op comes back in one piece."""
    (coin, *_) = await inside.ports.node.utxos(inside.ports.signer.address)
    (payout,) = await inside.world.queue(1)
    planted = Batch(
        id=secrets.token_hex(12),
        asset=inside.world.asset,
        state=BatchState.FORMED,
        payouts=(payout.id,),
        sender=inside.ports.signer.address,
        inputs=(coin.id,),
        inputs_minor=(coin.value_minor,),
        price_minor=8_000,
        wants=AttemptKind.NO_OP,
    )
    await inside.world.database["batches"].insert_one({**encode(planted.document()), "version": 1})
    moved = {"$set": {"batch": planted.id, "state": "batched"}}
    await inside.world.database["withdrawals"].update_one({"_id": payout.id}, moved)
    await inside.pay()
    (made,) = await attempts(inside)
    assert (made.kind, made.fee_minor) == (AttemptKind.NO_OP, 200 * transaction_vsize(1, 1, 31))
    assert made.change_minor == (coin.value_minor - made.fee_minor,)
