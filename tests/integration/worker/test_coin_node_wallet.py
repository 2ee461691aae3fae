"""A node's watch-only wallet: what it sees of the past, and that it is there again however the node ended."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.coin_node import RPC_PASSWORD, RPC_USER
from tests.conftest import CoinNodeFactory
from tests.support.coins import COIN, SPENDING, WATCHING, Stage, open_stage
from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.domain.chain import Broadcast, Inclusion
from wallet_core.domain.errors import Unavailable


@pytest.fixture(params=["btc", "ltc"])
async def stage(request: pytest.FixtureRequest, coin_node: CoinNodeFactory) -> AsyncIterator[Stage]:
    async with open_stage(await coin_node(request.param)) as made:
        yield made


async def test_what_was_paid_before_an_address_is_watched_is_seen(stage: Stage) -> None:
    late = await stage.node.call("getnewaddress", "", "bech32", wallet=SPENDING)
    txid = await stage.node.send(late, 5 * COIN)
    height = await stage.node.mine(20)
    assert not await stage.ours.watches(late)
    assert await stage.ours.utxos(late) == []
    await stage.ours.watch(late)
    assert await stage.ours.watches(late)
    (utxo,) = await stage.ours.utxos(late)
    assert (utxo.txid, utxo.value_minor, utxo.height) == (txid, 5 * COIN, height - 19)


async def test_watching_again_looks_through_nothing_again(stage: Stage) -> None:
    before = await stage.node.call("getwalletinfo", wallet=WATCHING)
    await stage.ours.watch(stage.hot)
    info = await stage.node.call("getaddressinfo", stage.hot, wallet=WATCHING)
    assert info["labels"] == ["itd-watched"]
    assert await stage.node.call("getwalletinfo", wallet=WATCHING) == before
    assert before["private_keys_enabled"] is False


async def test_a_look_through_the_past_that_was_cut_off_goes_on_where_it_was(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_core.adapters.chains.bitcoin_like_node._BLOCKS_AT_ONCE", 10)
    late = await stage.node.call("getnewaddress", "", "bech32", wallet=SPENDING)
    txid = await stage.node.send(late, COIN)
    await stage.node.mine(30)
    scanned: list[int] = []
    ask = stage.ours._wallet.ask

    async def cut_off(method: str, *params: Any, **options: Any) -> object:
        if method == "rescanblockchain":
            scanned.append(params[0])
            if len(scanned) == 3:
                raise Unavailable("cut off")
        return await ask(method, *params, **options)

    monkeypatch.setattr(stage.ours._wallet, "ask", cut_off)
    with pytest.raises(Unavailable, match="cut off"):
        await stage.ours.watch(late)
    assert not await stage.ours.watches(late)
    await stage.ours.watch(late)
    assert scanned[:5] == [0, 10, 20, 20, 30]
    assert [utxo.txid for utxo in await stage.ours.utxos(late)] == [txid]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_node_that_was_started_anew_is_used_as_before(stage: Stage, number: signal.Signals) -> None:
    (coin,) = await stage.pay_hot(COIN)
    raw = await stage.spend(coin, {await stage.elsewhere(): COIN // 2})
    assert await stage.ours.broadcast(raw) is Broadcast.ACCEPTED
    height = await stage.node.mine(3)
    await stage.node.call("gettxoutsetinfo")  # writes the chain to the disk
    await stage.node.stop(number)
    with pytest.raises(Unavailable):
        await stage.ours.heights()
    await stage.node.restart()
    assert await stage.ours.inclusion(await stage.txid(raw)) == Inclusion(
        await stage.txid(raw), height - 2, str(await stage.ours.block_hash(height - 2))
    )
    assert await stage.ours.utxos(stage.hot) == []


async def test_a_node_that_lost_its_newest_blocks_no_longer_counts_what_was_in_them(stage: Stage) -> None:
    (coin,) = await stage.pay_hot(COIN)
    raw = await stage.spend(coin, {await stage.elsewhere(): COIN // 2})
    await stage.ours.broadcast(raw)
    height = await stage.node.mine()
    await stage.node.stop(signal.SIGKILL)
    await stage.node.restart()
    lost = (await stage.ours.heights()).latest < height
    await stage.ours.watch(stage.hot)
    assert (await stage.ours.inclusion(await stage.txid(raw)) is None) is lost
    assert all(utxo.height is None for utxo in await stage.ours.utxos(stage.hot))


async def test_a_wallet_that_the_node_does_not_load_by_itself_is_loaded(stage: Stage) -> None:
    await stage.pay_hot(COIN)
    await stage.node.call("unloadwallet", WATCHING, False)
    await stage.node.restart()
    assert WATCHING not in await stage.node.call("listwallets")
    assert len(await stage.ours.utxos(stage.hot)) == 1


async def test_a_wallet_that_is_not_there_is_no_answer(stage: Stage) -> None:
    other = BitcoinLikeNode(stage.node.url, RPC_USER, RPC_PASSWORD, "nobody made it")
    assert not await other.watches(stage.hot)
    for question in (other.utxos(stage.hot), other.inclusion("00" * 32)):
        with pytest.raises(Unavailable, match="-18"):
            await question
    await other.close()


async def test_another_password_is_no_answer(stage: Stage) -> None:
    other = BitcoinLikeNode(stage.node.url, RPC_USER, "wrong", WATCHING)
    with pytest.raises(Unavailable, match="401"):
        await other.heights()
    assert await other.broadcast(b"") is Broadcast.UNKNOWN
    await other.close()
