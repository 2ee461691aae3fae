"""bitcoind and litecoind as the sandbox and the tests drive them: both start, mine, pay, reorganise, and come back."""

import asyncio
import signal
import time
from decimal import Decimal

import pytest

from bot.sandbox.coin_node import CoinNodeAbsentError, CoinNodeError, CoinNodeRpc
from tests.conftest import CoinNode, CoinNodeFactory

ADDRESSES = {
    "btc": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    "ltc": "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3",
}
pytestmark = pytest.mark.parametrize("chain", ["btc", "ltc"])


async def confirmations(node: CoinNode, txid: str) -> int:
    return int((await node.call("getrawtransaction", txid, True)).get("confirmations", 0))


async def test_the_faucet_pays_exactly_and_nothing_is_mined_by_it(coin_node: CoinNodeFactory, chain: str) -> None:
    node = await coin_node(chain)
    first = await node.send(ADDRESSES[chain], 123_456_789)
    height = await node.height()
    second = await node.send(ADDRESSES[chain], 10_000)
    assert await node.height() == height
    assert await node.pending_count() == 2
    assert await node.mine() == height + 1
    assert await node.pending_count() == 0
    for txid, coins in ((first, Decimal("1.23456789")), (second, Decimal("0.0001"))):
        outputs = (await node.call("getrawtransaction", txid, True))["vout"]
        assert coins in [output["value"] for output in outputs]


async def test_a_poor_faucet_mines_for_itself_and_leaves_the_waiting_alone(
    coin_node: CoinNodeFactory, chain: str
) -> None:
    node = await coin_node(chain)
    waiting = await node.send(ADDRESSES[chain], 10_000)
    await node.send(ADDRESSES[chain], 300 * 10**8)
    assert await confirmations(node, waiting) == 0
    assert await node.pending_count() == 2


async def test_a_reorganisation_puts_the_transactions_back_into_the_pool(
    coin_node: CoinNodeFactory, chain: str
) -> None:
    node = await coin_node(chain)
    txid = await node.send(ADDRESSES[chain], 10**8)
    height = await node.mine(3)
    assert await confirmations(node, txid) == 3
    assert await node.reorganise(3) == height + 1
    assert await confirmations(node, txid) == 0
    assert await node.pending_count() == 1
    await node.mine()
    assert await confirmations(node, txid) == 1


@pytest.mark.parametrize("depth", [1, 6, 20])
async def test_a_forgetful_reorganisation_leaves_no_trace_of_them(
    coin_node: CoinNodeFactory, chain: str, depth: int
) -> None:
    node = await coin_node(chain)
    txid = await node.send(ADDRESSES[chain], 10**8)
    await node.mine()
    raw = await node.call("getrawtransaction", txid)
    await node.mine_empty(depth - 1)
    await node.reorganise(depth, forget=True)
    assert await node.pending_count() == 0
    # The index of transactions goes on naming the block that was replaced, so being listed means nothing.
    assert await confirmations(node, txid) == 0
    assert await node.call("sendrawtransaction", raw) == txid


async def test_a_second_node_follows_the_new_branch(coin_node: CoinNodeFactory, chain: str) -> None:
    keeper = await coin_node(chain, listen=True)
    node = await coin_node(chain, peers=(keeper.options.listen_port,))
    await node.mine(5)
    await same_tip(node, keeper)
    await node.reorganise(3)
    await same_tip(node, keeper)
    await node.reorganise(2, forget=True)
    await same_tip(node, keeper)


async def same_tip(*nodes: CoinNode) -> None:
    """Returns when all have the same newest block; fails after 20 s."""
    deadline = time.monotonic() + 20
    while len({await node.call("getbestblockhash") for node in nodes}) > 1:
        assert time.monotonic() < deadline, "the nodes do not agree"
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_it_comes_back_from_a_signal_and_pays_on(
    coin_node: CoinNodeFactory, chain: str, number: signal.Signals
) -> None:
    node = await coin_node(chain)
    await node.send(ADDRESSES[chain], 10**8)
    height = await node.mine()
    started = time.monotonic()
    await node.stop(number)
    assert time.monotonic() - started < 10
    with pytest.raises(CoinNodeAbsentError):
        await node.height()
    await node.restart()
    if number == signal.SIGTERM:
        assert await node.height() == height
    # A SIGKILL may cost every block that was not flushed; the faucet mines what it lacks.
    txid = await node.send(ADDRESSES[chain], 10**8)
    await node.mine()
    assert await confirmations(node, txid) == 1


async def test_what_was_saved_survives_a_sigkill(coin_node: CoinNodeFactory, chain: str) -> None:
    node = await coin_node(chain)
    mined = await node.send(ADDRESSES[chain], 10**8)
    height = await node.mine()
    waiting = await node.send(ADDRESSES[chain], 2 * 10**8)
    await node.save()
    await node.stop(signal.SIGKILL)
    await node.restart()
    assert await node.height() == height
    assert await confirmations(node, mined) == 1
    async with asyncio.timeout(10):
        # The pool is read in the background.
        while await node.call("getrawmempool") != [waiting]:  # noqa: ASYNC110 - the node tells nobody when it has read it
            await asyncio.sleep(0.05)


async def test_one_payment_may_have_many_outputs(coin_node: CoinNodeFactory, chain: str) -> None:
    node = await coin_node(chain)
    txid = await node.send(ADDRESSES[chain], 10**7, copies=12)
    await node.mine()
    found = await node.call("scantxoutset", "start", [f"addr({ADDRESSES[chain]})"])
    assert {coin["txid"] for coin in found["unspents"]} == {txid}
    assert [coin["amount"] for coin in found["unspents"]] == [Decimal("0.1")] * 12


async def test_the_faucet_takes_back_what_a_lost_payment_held(coin_node: CoinNodeFactory, chain: str) -> None:
    node = await coin_node(chain)
    await node.mine_empty(101)
    await node.save()
    lost = await node.send(ADDRESSES[chain], 40 * 10**8)
    await node.stop(signal.SIGKILL)
    await node.restart()
    assert await node.pending_count() == 0
    again = await node.send(ADDRESSES[chain], 45 * 10**8)
    assert await node.height() == 101, "it had to mine"
    assert again != lost


async def test_a_refusal_has_the_nodes_code_and_words(coin_node: CoinNodeFactory, chain: str) -> None:
    node = await coin_node(chain)
    with pytest.raises(CoinNodeError, match="sendrawtransaction: TX decode failed") as caught:
        await node.call("sendrawtransaction", "00")
    assert caught.value.code == -22
    async with CoinNodeRpc(node.url, password="wrong") as stranger:
        with pytest.raises(CoinNodeError, match="HTTP status 401"):
            await stranger.height()


async def test_dust_is_refused(coin_node: CoinNodeFactory, chain: str) -> None:
    node = await coin_node(chain)
    with pytest.raises(CoinNodeError, match="too small"):
        await node.send(ADDRESSES[chain], 1)


async def test_litecoin_mines_on_where_mweb_would_begin(coin_node: CoinNodeFactory, chain: str) -> None:
    node = await coin_node(chain)
    assert await node.mine(440) == 440
