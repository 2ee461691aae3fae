"""Deposits move to a wallet of our own, on real nodes: what is swept and when, what it costs, and that it is once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.chains import Chain
from tests.faults.coin_chain import open_chain
from tests.faults.conftest import CHAINS
from tests.faults.world import World, open_world
from tests.integration.worker.buyer import SharedWorlds, shared_worlds
from tests.integration.worker.inside import open_inside
from tests.integration.worker.mover import PART, Mover, moving
from tests.support.coin_chains import always_on
from tests.support.deposits import credited
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import AttemptKind, BatchState
from wallet_core.domain.people import Role

EVERYWHERE = pytest.mark.parametrize("asset", CHAINS)
#: The two families.
EITHER = pytest.mark.parametrize("asset", [Asset.BTC, Asset.ETH])
COINS = pytest.mark.parametrize("asset", always_on(Asset.LTC))
BITCOIN = pytest.mark.parametrize("asset", [Asset.BTC])


@pytest.fixture
def more() -> dict[str, str]:
    """Settings of the chain beside the usual ones."""
    return {}


@pytest.fixture(scope="module")
async def worlds(
    mongo_uri: str, premined: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SharedWorlds]:
    """Each with a cold wallet, of which its signer knows."""

    def settings(chain: Chain) -> dict[str, str]:
        return {f"{chain.asset}_SWEEP_COLD_ADDRESS": chain.fresh_address()}

    async with shared_worlds(mongo_uri, tmp_path_factory.mktemp("shared"), premined, settings) as made:
        yield made


@pytest.fixture
async def mover(worlds: SharedWorlds, asset: Asset, more: dict[str, str]) -> AsyncIterator[Mover]:
    """A worker that sweeps, in the world of its chain."""
    async with moving(await worlds.of(asset), more) as made:
        yield made


@EVERYWHERE
async def test_what_was_deposited_is_in_the_hot_wallet_and_the_books_say_so_at_every_moment(mover: Mover) -> None:
    world, asset = mover.world, mover.asset
    made = await mover.deposits(3)
    hot, there, transit = [await world.balance(f"{asset}:{name}") for name in ("hot", "deposits", "transit")]
    assert await mover.gaps() == []
    for blocks in (0, 1, 0, 1, 1, 1):
        await mover.inside.pay(blocks=blocks)
        assert await mover.gaps() == []
    swept = await mover.sweeps()
    assert {batch.state for batch in swept} == {BatchState.SETTLED}
    assert len(swept) == (3 if asset is Asset.ETH else 1)
    fees, left = (sum(getattr(batch, name) for batch in swept) for name in ("network_fee_minor", "swept_minor"))
    assert await world.balance(f"{asset}:hot") == hot + left - fees == await world.chain.balance(world.hot)
    assert await world.balance(f"{asset}:deposits") == there - left
    assert await world.balance(f"{asset}:transit") == transit
    for invoice in made:
        present = await mover.inside.invoice(invoice)
        assert (present.sweep, present.swept_minor > 0) == (None, True)
    if asset is not Asset.ETH:
        assert left == sum(invoice.received_minor for invoice in made)
    await mover.until_final()
    assert len(await mover.sweeps()) == len(swept)


@EITHER
@pytest.mark.parametrize(
    ("more", "swept"),
    [
        ({"SWEEP_MAX_FEE_RATE": "1"}, False),
        ({"SWEEP_MAX_FEE_RATE": "1", "SWEEP_WAIT_SECONDS": "0"}, True),
        ({"SWEEP_MAX_FEE_RATE": "1", "SWEEP_WAIT_SECONDS": "0", "MAX_FEE_RATE": "1", "MAX_FEE_GWEI": "1"}, False),
        ({"SWEEP_WORTH": "1000000"}, False),
        ({"SWEEP_TO": "off"}, False),
        ({"SWEEP_INTERVAL_SECONDS": "3600"}, True),
    ],
    ids=["high fees", "waited for long", "above all ceilings", "not worth it", "off", "the first look"],
)
async def test_it_moves_when_fees_are_low_and_it_is_worth_it(mover: Mover, swept: bool) -> None:
    await mover.deposits(1)
    if mover.asset is Asset.ETH:
        await mover.world.node.call("anvil_setNextBlockBaseFeePerGas", hex(5 * 10**9))
        await mover.world.chain.mine()
    await mover.inside.pay()
    assert bool(await mover.sweeps()) is swept
    assert await mover.buyer.alarms() == []


@EITHER
async def test_only_what_is_final_moves(mover: Mover) -> None:
    await mover.deposit(PART[mover.asset], blocks=mover.world.final_depth)
    await mover.inside.pay()
    assert await mover.sweeps() == []
    await mover.inside.pay(blocks=1)
    assert len(await mover.sweeps()) == 1


@BITCOIN
@pytest.mark.parametrize(
    "fields",
    [{"state": "reversed"}, {"state": "case"}, {"block_hash": "00" * 32}, {"sweep": "another"}],
    ids=["reversed", "on the desk", "of another block", "swept"],
)
async def test_a_coin_moves_only_as_it_was_credited(mover: Mover, fields: dict[str, str]) -> None:
    await mover.deposits(2)
    first = min(await mover.buyer.payments(), key=lambda payment: payment.coin_minor)
    await mover.world.database["payments"].update_one({"_id": first.id}, {"$set": fields})
    await mover.inside.pay()
    (sweep,) = await mover.sweeps()
    assert len(sweep.inputs) == 1 and sweep.inputs_minor == (PART[mover.asset] + 1,)


@BITCOIN
async def test_dust_stays_where_it_is_and_keeps_nothing_else(mover: Mover) -> None:
    await mover.deposits(1)
    await mover.deposit(10_000)
    await mover.inside.pay()
    (sweep,) = await mover.sweeps()
    assert sweep.inputs_minor == (PART[mover.asset],)


@COINS
async def test_the_swept_coin_is_spent_when_it_is_final_as_any_other(mover: Mover) -> None:
    await mover.deposits(2)
    await mover.inside.pay()
    (sweep,) = await mover.attempts()
    # All that the hot wallet had, and then what came from the deposits.
    hot, person = await mover.world.balance(f"{mover.asset}:hot"), mover.buyer.person
    await mover.world.queue(1, itd=100, person=person, coin_minor=hot - 10**6)
    await mover.world.queue(1, itd=100, person=person, coin_minor=4 * 10**7)
    for _ in range(mover.world.final_depth):
        await mover.inside.pay(blocks=1)
        assert sweep.txid not in await spent(mover)
    await mover.inside.pay(blocks=1)
    assert sweep.txid in await spent(mover)


async def spent(mover: Mover) -> set[str]:
    return {utxo.partition(":")[0] for attempt in await mover.attempts() for utxo in attempt.inputs}


@EITHER
@pytest.mark.parametrize("depth", [1, 2])
async def test_a_block_that_leaves_the_chain_changes_nothing_in_the_books(mover: Mover, depth: int) -> None:
    await mover.deposits(1)
    await mover.inside.pay()
    for _ in range(depth):
        await mover.inside.pay(blocks=1)
    await mover.world.chain.reorganise(depth)
    await mover.inside.pay()
    assert [batch.state for batch in await mover.sweeps()] == [BatchState.BROADCAST]
    assert await mover.gaps() == []
    await mover.until_final()
    (sweep,) = await mover.sweeps()
    assert (sweep.state, (await mover.inside.rail()).alarm, await mover.gaps()) == (BatchState.SETTLED, None, [])


@EITHER
async def test_a_final_sweep_that_leaves_the_chain_freezes_the_wallet(mover: Mover) -> None:
    world, (invoice,) = mover.world, await mover.deposits(1)
    await mover.inside.pay()
    await mover.until_final()
    addresses = (invoice.address, world.hot) if mover.asset is Asset.ETH else ()
    there = {address: await world.node.balance(address) for address in addresses}
    await world.chain.reorganise(world.final_depth + 2)
    await mover.inside.pay()
    assert "reorganised_after_final" in ((await mover.inside.rail()).alarm or "")
    # For the tests that come after this one; coins wait in the pools to be mined once more.
    for address, wei in there.items():
        await world.node.set_balance(address, wei)


@EVERYWHERE
async def test_a_sweep_that_blocks_pass_over_offers_more(mover: Mover) -> None:
    asset = mover.asset
    await mover.deposits(1)
    await mover.inside.pay()
    await mover.pass_over()
    first, second = await mover.attempts()
    assert second.kind is (AttemptKind.CHILD if asset is Asset.LTC else AttemptKind.SWEEP)
    assert second.price_minor > first.price_minor
    assert asset is Asset.LTC or second.change_minor[0] < first.change_minor[0]
    assert await mover.gaps() == []
    await mover.until_final()
    (sweep,) = await mover.sweeps()
    assert (sweep.state, await mover.gaps(), await mover.buyer.alarms()) == (BatchState.SETTLED, [], [])
    if asset is not Asset.ETH:
        paid = first.fee_minor + second.fee_minor if asset is Asset.LTC else second.fee_minor
        assert sweep.network_fee_minor == paid


@EITHER
@pytest.mark.parametrize("more", [{"SWEEP_MAX_FEE_RATE": "11"}])
async def test_a_sweep_waits_at_its_own_ceiling_and_nobody_is_woken(mover: Mover) -> None:
    await mover.deposits(1)
    await mover.inside.pay()
    for _ in range(3):
        await mover.pass_over()
    made = await mover.attempts()
    assert max(attempt.price_minor for attempt in made) <= 11 * (10**9 if mover.asset is Asset.ETH else 1)
    assert await mover.buyer.alarms() == []


@EVERYWHERE
@pytest.mark.parametrize("more", [{"SWEEP_TO": "cold"}])
async def test_a_cold_wallet_gets_it_and_the_books_say_so(mover: Mover) -> None:
    world, asset = mover.world, mover.asset
    await mover.deposits(2)
    hot, cold = [await world.balance(f"{asset}:{name}") for name in ("hot", "cold")]
    assert await world.chain.balance(mover.cold) == cold
    await mover.inside.pay()
    if asset is not Asset.LTC:
        await mover.pass_over()
        assert len(await mover.attempts()) > len(await mover.sweeps())
    await mover.until_final()
    swept = await mover.sweeps()
    assert {batch.state for batch in swept} == {BatchState.SETTLED}
    stored = sum(batch.swept_minor - batch.network_fee_minor for batch in swept)
    assert await world.balance(f"{asset}:cold") == cold + stored == await world.chain.balance(mover.cold)
    assert await world.balance(f"{asset}:hot") == hot == await world.chain.balance(world.hot)


@pytest.fixture
async def node_world(mongo_uri: str, database_name: str, tmp_path: Path, premined: Path) -> AsyncIterator[World]:
    """A worker that sweeps, with a wallet of Bitcoin's node as its hot wallet."""
    settings = {"BTC_SIGNER": "node", "BTC_SWEEP_TO": "hot"}
    async with open_chain(Asset.BTC, tmp_path, premined) as chain:
        await chain.node.call("createwallet", "itd-hot")
        async with open_world(mongo_uri, database_name, chain, tmp_path, **settings) as made:
            await made.person(0, role=Role.OWNER)
            yield made


async def test_a_wallet_of_the_node_has_no_keys_of_deposits_so_nothing_moves(node_world: World) -> None:
    async with open_inside(node_world) as inside:
        await inside.ports.node.watch(node_world.ports.addresses[Asset.BTC].deposit(0))
        await credited(node_world, 0, PART[Asset.BTC])
        await inside.pay()
        assert (await inside.batches(), await inside.told("alarm")) == ([], [])
