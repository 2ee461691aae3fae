"""What people read, and what is decided, when blocks leave a chain of coins or the node forgets."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from payout_worker.ports import CoinOrder, Output
from payout_worker.signers.opening import open_signer
from tests.faults.chains import Chain
from tests.faults.coin_chain import CoinChain
from tests.faults.world import World, open_world
from tests.integration.worker.inside import Inside, open_inside
from tests.integration.worker.paying import only_batch, patient
from wallet_core.domain.chain import Utxo
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, BatchState, PayoutState
from wallet_core.domain.people import Role

BITCOIN = pytest.mark.parametrize("asset", [Asset.BTC])
LITECOIN = pytest.mark.parametrize("asset", [Asset.LTC])


@pytest.fixture
def more() -> dict[str, str]:
    """Settings of the test's own."""
    return {}


@pytest.fixture
def settings(asset: Asset, more: dict[str, str]) -> dict[str, str]:
    """Batches that offer more at once, and what the test wants."""
    return patient(asset, **more)


@pytest.fixture
async def empty_world(
    mongo_uri: str, database_name: str, chain: Chain, tmp_path: Path, settings: dict[str, str]
) -> AsyncIterator[World]:
    """A wallet on it."""
    async with (
        open_world(mongo_uri, database_name, chain, tmp_path, final_depth=4, **settings) as made,
    ):
        yield made


def chain_of(world: World) -> CoinChain:
    assert isinstance(world.chain, CoinChain)
    return world.chain


async def raised(inside: Inside) -> None:
    """A block passes the batch over, and the next pass raises its fee."""
    await chain_of(inside.world).mine_empty()
    earlier = [{"$set": {"broadcast_at": {"$subtract": ["$broadcast_at", 3_600_000]}}}]
    await inside.world.database["attempts"].update_many({}, earlier)
    long_ago = [{"$set": {"waiting_since": {"$subtract": ["$waiting_since", 3_600_000]}}}]
    await inside.world.database["batches"].update_many({"waiting_since": {"$type": "date"}}, long_ago)
    await inside.pay()


@LITECOIN
async def test_whoever_read_paid_reads_nothing_less_afterwards(inside: Inside, world: World) -> None:
    await world.queue(2)
    await inside.pay()
    await raised(inside)
    for _ in range(2):
        await inside.pay(blocks=1)
    assert (await inside.steps_told())[-1] == "settled", "the batch itself still waits for its child"
    await world.chain.reorganise(2)
    await inside.pay()
    for _ in range(8):
        await inside.pay(blocks=1)
    assert (await only_batch(inside)).state is BatchState.SETTLED
    assert (await inside.steps_told())[-1] == "settled"


class Killed(BaseException):
    """The worker ends here."""


@BITCOIN
async def test_killed_while_settling_and_another_attempt_is_mined_then(world: World) -> None:
    armed = False

    def at(point: str) -> None:
        if armed and point == "settle_batch:ledger.post:before":
            raise Killed

    async with open_inside(world, on_point=at) as inside:
        asked = await world.queue(2)
        await inside.pay()
        await raised(inside)
        first, _ = await inside.ports.store.find(Attempt, {}, order_by=("number",))
        await inside.pay(blocks=1)
        armed = True
        with suppress(Killed):
            await inside.pay(blocks=1)
        armed = False
        assert (await only_batch(inside)).state is BatchState.CONFIRMED
        await _mine_instead(chain_of(world), first)
        await inside.pay()
        for _ in range(6):
            await inside.pay(blocks=1)
        last = (await inside.told("withdrawal"))[-1].facts
        assert (last["step"], last["txid"]) == ("settled", first.txid)
        paid = [await inside.withdrawal(payout) for payout in asked]
        assert sum(payout.network_fee_minor for payout in paid) == first.fee_minor
        assert last["network_fee_minor"] == next(p.network_fee_minor for p in paid if p.id == last["id"])
        assert await world.check(asked)


async def _mine_instead(chain: CoinChain, attempt: Attempt) -> None:
    """The two newest blocks are replaced by some with this attempt."""
    keeper = chain.keeper
    await keeper.call("invalidateblock", await keeper.call("getblockhash", await keeper.height() - 1))
    await keeper.call("generateblock", chain.fresh_address(), [attempt.raw.hex()])
    # As many blocks again would convince nobody.
    await keeper.mine_empty()
    await chain.mine_empty()


@LITECOIN
@pytest.mark.parametrize("more", [{"CONFIRMATIONS": "3"}])
async def test_a_node_whose_wallet_was_lost_follows_the_address_again(inside: Inside, world: World) -> None:
    await world.queue(2)
    await inside.pay()
    await inside.pay(blocks=1)
    node, name = chain_of(world).node, world.ports.settings.ltc.rpc_wallet
    await node.call("unloadwallet", name)
    shutil.move(next(node.options.folder.rglob(name)), world.folder / "lost")
    await node.call("createwallet", name, True, True)
    for _ in range(3):
        with suppress(Unavailable):
            await raised(inside)
    assert (await only_batch(inside)).state is BatchState.SETTLED
    assert await inside.ports.store.count(Attempt, {}) == 1, "nothing was raised that was mined already"


@BITCOIN
@pytest.mark.parametrize("more", [{"FINAL_DEPTH": "150"}])
async def test_what_is_settled_is_watched_to_the_final_depth_however_deep_that_is(world: World) -> None:
    await world.chain.mine(150)
    async with open_inside(world) as inside:
        await world.person(0, person=7, role=Role.OWNER)
        await world.queue(1)
        await inside.pay()
        for _ in range(3):
            await inside.pay(blocks=1)
        await inside.pay(blocks=130)
        await world.chain.reorganise(133)
        await inside.pay()
        assert (await only_batch(inside)).state is BatchState.BROADCAST
        assert not await inside.told("alarm")


@LITECOIN
async def test_a_child_whose_coin_a_thief_with_the_key_spends_keeps_no_batch_from_its_end(
    inside: Inside, world: World
) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    asked = await world.queue(2)
    await inside.pay()
    await raised(inside)
    parent, child = await inside.ports.store.find(Attempt, {}, order_by=("number",))
    coin = Utxo(parent.txid, int(child.inputs[0].partition(":")[2]), parent.change_minor[0], None)
    thief = await open_signer(world.ports.settings, world.asset, world.folder / "thief", inside.ports.node)
    stolen = Output("theirs", world.chain.fresh_address(), coin.value_minor - 20_000)
    theft = await thief.sign(CoinOrder((coin,), (stolen,)))
    keeper = chain_of(world).keeper
    await keeper.call("generateblock", world.chain.fresh_address(), [parent.raw.hex(), theft.raw.hex()])
    for _ in range(6):
        await world.chain.mine_empty()
        await inside.pay()
    assert "foreign_spend" in [alarm.facts["alarm"] for alarm in await inside.told("alarm")]
    assert (await world.states(*asked))[PayoutState.SETTLED] == 2
    batch = await only_batch(inside)
    assert (batch.state, batch.network_fee_minor) == (BatchState.SETTLED, parent.fee_minor)


@BITCOIN
async def test_blocks_that_came_while_nobody_looked_make_no_block_final_that_is_gone(
    inside: Inside, world: World
) -> None:
    asked = await world.queue(1)
    await inside.pay()
    await inside.pay(blocks=1)
    await world.chain.reorganise(1)
    await world.chain.mine(6)
    await inside.pay()
    await inside.pay(blocks=1)
    assert (await inside.rail()).alarm is None
    assert (await world.states(*asked))[PayoutState.SETTLED] == 1
    assert await world.check(asked)
