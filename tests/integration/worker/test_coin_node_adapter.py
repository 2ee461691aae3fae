"""The adapter for Bitcoin-Core-compatible nodes, on real ones of both kinds: what it says, and when it says nothing."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.coin_node import RPC_PASSWORD, RPC_USER
from payout_worker.ports import CoinNode
from tests.conftest import CoinNodeFactory
from tests.support.coins import COIN, WATCHING, Stage, open_stage
from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.domain.chain import Broadcast, Identity, Inclusion
from wallet_core.domain.errors import Unavailable


@pytest.fixture(params=["btc", "ltc"])
async def stage(request: pytest.FixtureRequest, coin_node: CoinNodeFactory) -> AsyncIterator[Stage]:
    async with open_stage(await coin_node(request.param)) as made:
        yield made


async def test_the_adapter_is_what_the_worker_asks_for(stage: Stage) -> None:
    port: CoinNode = stage.ours
    assert await port.identity() == Identity(stage.network.name, stage.network.genesis)
    assert not await port.syncing()
    heights = await port.heights()
    assert heights.latest == heights.finalized == await stage.node.height()
    assert heights.latest_hash == await port.block_hash(heights.latest)
    assert await port.block_hash(heights.latest + 1) is None


@pytest.mark.parametrize("chain", ["btc", "ltc"])
async def test_a_node_that_lacks_blocks_is_catching_up(coin_node: CoinNodeFactory, chain: str) -> None:
    node, other = await coin_node(chain), await coin_node(chain)
    ours = BitcoinLikeNode(node.url, RPC_USER, RPC_PASSWORD, WATCHING)
    assert await ours.syncing()
    await node.mine()
    assert not await ours.syncing()
    for height in range(1, await other.mine(2) + 1):
        header = await other.call("getblockheader", await other.call("getblockhash", height), False)
        await node.call("submitheader", header)
    assert await ours.syncing()
    await ours.close()


# Sending


async def test_the_same_bytes_are_accepted_known_and_at_last_unknown(stage: Stage) -> None:
    (coin,) = await stage.pay_hot(COIN)
    raw = await stage.spend(coin, {stage.hot: COIN // 2})
    txid = await stage.txid(raw)
    assert not await stage.ours.known(txid)
    assert await stage.ours.refusal(raw) is None
    assert await stage.ours.broadcast(raw) is Broadcast.ACCEPTED
    assert await stage.ours.known(txid)
    assert await stage.ours.refusal(raw) == "txn-already-in-mempool"
    assert await stage.ours.broadcast(raw) in (Broadcast.ACCEPTED, Broadcast.KNOWN)
    await stage.node.mine()
    assert await stage.ours.broadcast(raw) is Broadcast.KNOWN
    assert await stage.ours.known(txid)
    spending = await stage.spend(f"{txid}:0", {await stage.elsewhere(): COIN // 4})
    assert await stage.ours.broadcast(spending) is Broadcast.ACCEPTED
    await stage.node.mine()
    # All its outputs are spent: the node says -25, as of something that was never sent.
    assert await stage.ours.broadcast(raw) is Broadcast.UNKNOWN
    assert await stage.ours.known(txid)
    assert await stage.ours.inclusion(txid) is not None


async def test_a_rival_for_the_same_coin_is_unknown_and_why_is_told(stage: Stage) -> None:
    (coin,) = await stage.pay_hot(COIN)
    first = await stage.spend(coin, {await stage.elsewhere(): COIN // 2})
    second = await stage.spend(coin, {await stage.elsewhere(): COIN - 1_000})
    assert await stage.ours.broadcast(first) is Broadcast.ACCEPTED
    assert await stage.ours.refusal(second) is not None
    assert await stage.ours.broadcast(second) is Broadcast.UNKNOWN
    assert not await stage.ours.known(await stage.txid(second))


@pytest.mark.parametrize("raw", [b"", b"no transaction"])
async def test_bytes_that_are_no_transaction_are_unknown(stage: Stage, raw: bytes) -> None:
    assert await stage.ours.broadcast(raw) is Broadcast.UNKNOWN


async def test_a_node_that_is_gone_leaves_a_broadcast_unknown_and_all_else_unanswered(stage: Stage) -> None:
    (coin,) = await stage.pay_hot(COIN)
    raw = await stage.spend(coin, {stage.hot: COIN // 2})
    await stage.node.stop(signal.SIGKILL)
    assert await stage.ours.broadcast(raw) is Broadcast.UNKNOWN
    questions = (
        stage.ours.identity(),
        stage.ours.syncing(),
        stage.ours.heights(),
        stage.ours.block_hash(1),
        stage.ours.known("00" * 32),
        stage.ours.inclusion("00" * 32),
        stage.ours.utxos(stage.hot),
        stage.ours.fee_rates(),
        stage.ours.refusal(raw),
        stage.ours.spender(coin),
        stage.ours.watch(stage.hot),
    )
    for question in questions:
        with pytest.raises(Unavailable):
            await question


# Following


async def test_a_transaction_is_in_the_chain_as_long_as_its_block_is(stage: Stage) -> None:
    (coin,) = await stage.pay_hot(COIN)
    raw = await stage.spend(coin, {await stage.elsewhere(): COIN // 2})
    txid = await stage.txid(raw)
    assert await stage.ours.inclusion(txid) is None
    await stage.ours.broadcast(raw)
    assert await stage.ours.inclusion(txid) is None
    height = await stage.node.mine(2)
    found = await stage.ours.inclusion(txid)
    assert found == Inclusion(txid, height - 1, str(await stage.ours.block_hash(height - 1)))
    await stage.node.reorganise(2)
    assert await stage.ours.inclusion(txid) is None
    assert await stage.ours.known(txid)
    height = await stage.node.mine()
    again = await stage.ours.inclusion(txid)
    assert again is not None and again.height == height


async def test_a_transaction_that_lost_its_coin_is_in_no_block(stage: Stage) -> None:
    (coin,) = await stage.pay_hot(COIN)
    loser = await stage.spend(coin, {await stage.elsewhere(): COIN // 2})
    winner = await stage.spend(coin, {await stage.elsewhere(): COIN // 4})
    assert await stage.ours.broadcast(loser) is Broadcast.ACCEPTED
    await stage.node.call("generateblock", await stage.elsewhere(), [winner.hex()])
    assert await stage.ours.inclusion(await stage.txid(loser)) is None
    assert not await stage.ours.known(await stage.txid(loser))
    assert (await stage.ours.spender(coin)) == await stage.ours.inclusion(await stage.txid(winner))


async def test_a_transaction_that_is_not_ours_is_not_there(stage: Stage) -> None:
    txid = await stage.node.send(await stage.elsewhere(), COIN)
    assert await stage.ours.known(txid)
    await stage.node.mine()
    assert await stage.ours.inclusion(txid) is None
    assert await stage.ours.inclusion("00" * 32) is None
    assert not await stage.ours.known("00" * 32)


async def test_the_spender_of_a_coin_is_found_once_it_is_in_the_chain(stage: Stage) -> None:
    coin, other = await stage.pay_hot(3 * COIN, 2 * COIN)
    raw = await stage.spend(coin, {stage.hot: 3 * COIN - 1_000})
    assert await stage.ours.spender(coin) is None
    await stage.ours.broadcast(raw)
    assert await stage.ours.spender(coin) is None
    change = f"{await stage.txid(raw)}:0"
    assert await stage.ours.spender(change) is None
    await stage.node.mine()
    assert await stage.ours.spender(coin) == await stage.ours.inclusion(await stage.txid(raw))
    assert await stage.ours.spender(other) is None
    assert await stage.ours.spender(change) is None
    await stage.node.reorganise(1)
    assert await stage.ours.spender(coin) is None


# Coins and fees


async def test_coins_are_told_to_the_satoshi_with_their_blocks(stage: Stage) -> None:
    mined = await stage.node.send(stage.hot, 123_456_789)
    height = await stage.node.mine(4)
    waiting = await stage.node.send(stage.hot, 12_345)
    found = {utxo.txid: utxo for utxo in await stage.ours.utxos(stage.hot)}
    assert (found[mined].value_minor, found[mined].height) == (123_456_789, height - 3)
    assert (found[waiting].value_minor, found[waiting].height) == (12_345, None)
    assert len(found) == 2


async def test_a_block_that_comes_while_coins_are_read_shifts_no_height(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (coin,) = await stage.pay_hot(COIN)
    height = await stage.node.height()
    ask = stage.ours._wallet.ask
    asked: list[str] = []

    async def mine_first(method: str, *params: Any, **options: Any) -> object:
        asked.append(method)
        if len(asked) == 1:
            await stage.node.mine()
        return await ask(method, *params, **options)

    monkeypatch.setattr(stage.ours._wallet, "ask", mine_first)
    assert [(utxo.id, utxo.height) for utxo in await stage.ours.utxos(stage.hot)] == [(coin, height)]
    assert asked == ["listunspent"] * 2


async def test_fee_rates_are_whole_satoshi_and_never_below_what_is_relayed(stage: Stage) -> None:
    rates = await stage.ours.fee_rates()
    relayed = (await stage.node.call("getmempoolinfo"))["mempoolminfee"]
    assert rates.market_minor is None
    assert rates.least_minor >= 1
    assert rates.least_minor >= relayed * COIN / 1_000
    assert rates.increment_minor == 1
