"""Bitcoin and litecoin as the control API drives them, on real nodes."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.chains import Coins, LocalChains, pace
from bot.sandbox.world import HookError
from tests.conftest import CoinNode, CoinNodeFactory
from tests.integration.sandbox.test_coin_nodes import ADDRESSES


@pytest.fixture(params=["btc", "ltc"])
def chain(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def node(coin_node: CoinNodeFactory, chain: str) -> CoinNode:
    return await coin_node(chain)


@pytest.fixture
async def world(node: CoinNode, chain: str) -> AsyncIterator[LocalChains]:
    made = LocalChains([Coins(chain, node.url)], {}, 0)
    yield made
    await made.close()


async def state_of(world: LocalChains, chain: str) -> dict[str, Any]:
    return next(one for one in await world.state() if one["chain"] == chain)


async def test_the_faucet_pays_and_confirmations_grow(world: LocalChains, chain: str) -> None:
    paid = await world.send(chain, ADDRESSES[chain], "0.015")
    assert len(paid["txid"]) == 64
    pending = await world.received(chain, ADDRESSES[chain])
    assert (pending["amount"], pending["confirmations"], pending["pending"]) == ("0", 0, "0.015")
    assert (await state_of(world, chain))["pending"] == 1
    height = (await world.mine(chain, 3))["height"]
    assert (await state_of(world, chain))["height"] == height
    got = await world.received(chain, ADDRESSES[chain])
    assert (got["amount"], got["confirmations"], got["pending"]) == ("0.015", 3, "0")
    await world.send(chain, ADDRESSES[chain], "1")
    await world.mine(chain, 1)
    got = await world.received(chain, ADDRESSES[chain])
    assert (got["amount"], got["confirmations"]) == ("1.015", 1)


async def test_a_reorganisation_takes_the_payment_back_for_good(world: LocalChains, chain: str) -> None:
    await world.send(chain, ADDRESSES[chain], "1")
    height = (await world.mine(chain, 2))["height"]
    assert (await world.reorg(chain, 2))["height"] > height
    await world.mine(chain, 1)
    got = await world.received(chain, ADDRESSES[chain])
    assert (got["amount"], got["pending"]) == ("0", "0")
    with pytest.raises(HookError, match="the chain has only"):
        await world.reorg(chain, 1_000)


@pytest.mark.parametrize("address", ["", "nobody", "0x00000000000000000000000000000000000000AA"])
async def test_what_is_no_address_of_this_network_is_refused(world: LocalChains, chain: str, address: str) -> None:
    others = ADDRESSES["ltc" if chain == "btc" else "btc"]
    for wrong in (address, others):
        for refused in (world.send(chain, wrong, "1"), world.received(chain, wrong)):
            with pytest.raises(HookError, match="no address of the local"):
                await refused


async def test_dust_is_refused_with_the_nodes_words(world: LocalChains, chain: str) -> None:
    with pytest.raises(HookError, match="too small"):
        await world.send(chain, ADDRESSES[chain], "0.00000001")


async def test_a_killed_node_is_said_to_be_away_and_comes_back_with_its_chain(
    world: LocalChains, node: CoinNode, chain: str
) -> None:
    await world.send(chain, ADDRESSES[chain], "2")
    height = (await world.mine(chain, 1))["height"]
    await world.send(chain, ADDRESSES[chain], "1")
    await node.stop(signal.SIGKILL)
    away = await state_of(world, chain)
    assert away["running"] is False
    assert (
        away["note"] == f"the node does not answer; start the process {'bitcoind' if chain == 'btc' else 'litecoind'}"
    )
    with pytest.raises(HookError, match="does not answer") as caught:
        await world.mine(chain, 1)
    assert caught.value.status == 503
    await node.restart()
    assert (await state_of(world, chain))["height"] == height
    assert (await world.received(chain, ADDRESSES[chain]))["amount"] == "2"


async def test_two_who_look_at_once_both_get_an_answer(world: LocalChains, chain: str) -> None:
    await world.send(chain, ADDRESSES[chain], "1")
    await world.mine(chain, 1)
    looks = await asyncio.gather(*(world.received(chain, ADDRESSES[chain]) for _ in range(5)))
    assert [look["amount"] for look in looks] == ["1"] * 5


async def test_blocks_come_by_themselves_and_at_once_for_a_payment(
    node: CoinNode, chain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "BUSY_BLOCKS", 3)
    await node.mine(101)
    world = LocalChains([Coins(chain, node.url)], {}, 0.05)
    mining = asyncio.create_task(world.keep_mining())
    await asyncio.sleep(1.5)
    assert await node.height() == 104
    await node.send(ADDRESSES[chain], 10**8)
    await asyncio.sleep(1)
    assert await node.pending_count() == 0
    mining.cancel()
    await world.close()
