"""Bitcoin and Litecoin on regtest: the worker's node, and a second one that keeps the chain while the first is dead.

Blocks up to the faucet's first mature coins are mined once; every chain begins with a copy of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from coincurve import PrivateKey

from bot.sandbox.coin_node import (
    HOST,
    RPC_PASSWORD,
    RPC_USER,
    CoinNodeError,
    CoinNodeOptions,
    command_line,
)
from bot.sandbox.components import COMPONENTS, ensure
from tests.conftest import CoinNode
from tests.faults.chains import Chain, Paid, ether_chain
from wallet_core.adapters.chains.bitcoin_like_addresses import address_of
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS

#: Twelve coins of a quarter, so that several batches can be under way at once.
_COINS: Final = 12
COIN_MINOR: Final = 10**8 // 4
#: The wallet that the faucet is.
_WALLET: Final = "faucet"
#: Up to here no block has anything but its miner's coins.
MATURE_BLOCKS: Final = 110
_POLL_SECONDS: Final = 0.01
_CATCH_UP_SECONDS: Final = 30
#: A child must come after its parent, and a pool is listed in no order.
_GENERATIONS: Final = 3
_PAGE_BYTES: Final = 4096


class CoinChain(Chain):
    """Two nodes of one chain. Only the keeper mines; what only the worker's node knows is passed on to it before."""

    sends_with = "sendrawtransaction"

    def __init__(self, asset: Asset, keeper: CoinNode, node: CoinNode) -> None:
        self.asset = asset
        self.keeper = keeper
        self.node = node
        self.url = node.url

    def environment(self, url: str, final_depth: int) -> dict[str, str]:
        """See ``Chain.environment``."""
        other = {Asset.BTC: "LTC", Asset.LTC: "BTC"}[self.asset]
        own = {
            "RPC_URL": url,
            "RPC_USER": RPC_USER,
            "RPC_PASSWORD": RPC_PASSWORD,
            "CONFIRMATIONS": "2",
            "LARGE_CONFIRMATIONS": "2",
            "DEPOSIT_CONFIRMATIONS": "2",
            "LARGE_DEPOSIT_CONFIRMATIONS": "3",
            "FINAL_DEPTH": str(final_depth),
            "BATCH_INTERVAL_SECONDS": "0.3",
            "BUMP_AFTER_SECONDS": "2",
            "SWEEP_TO": "off",
            "SWEEP_INTERVAL_SECONDS": "0.2",
        }
        named = {f"{self.asset}_{name}": value for name, value in own.items()}
        return {**named, f"{other}_RPC_URL": "", "ETH_RPC_URL": ""}

    async def fund(self, hot: str, final_depth: int, coins: int = _COINS) -> int:
        """See ``Chain.fund``; so many coins of a quarter each."""
        await self.keeper.send(hot, COIN_MINOR, copies=coins)
        await self.mine(final_depth + 1)
        return coins * COIN_MINOR

    async def pay(self, address: str, coin_minor: int) -> None:
        """See ``Chain.pay``."""
        await self.keeper.send(address, coin_minor)

    def fresh_address(self) -> str:
        """See ``Chain.fresh_address``."""
        return address_of(PrivateKey().public_key.format(), NETWORKS[self.asset, "regtest"])

    async def own_address(self) -> str:
        """An address of the keeper's own wallet."""
        return str(await self.keeper.call("getnewaddress", "", "bech32", wallet=_WALLET))

    async def spend(self, txid: str, index: int) -> None:
        """The keeper's wallet spends an output that it got."""
        found = await self.keeper.call("gettxout", txid, index)
        left = found["value"] - Decimal("0.0001")
        outputs = {await self.own_address(): f"{left:f}"}
        raw = await self.keeper.call("createrawtransaction", [{"txid": txid, "vout": index}], outputs)
        signed = await self.keeper.call("signrawtransactionwithwallet", raw, wallet=_WALLET)
        await self.keeper.call("sendrawtransaction", signed["hex"])

    async def height(self) -> int:
        """See ``Chain.height``."""
        return await self.keeper.height()

    async def mine(self, blocks: int = 1) -> int:
        """See ``Chain.mine``."""
        await self._pass_on()
        height = await self.keeper.mine(blocks)
        await self._agreed()
        return height

    async def mine_empty(self) -> None:
        """See ``Chain.mine_empty``."""
        await self.keeper.mine_empty()
        await self._agreed()

    async def reorganise(self, depth: int) -> None:
        """See ``Chain.reorganise``; what the replaced blocks held waits in the pools again."""
        await self.keeper.reorganise(depth)
        await self._agreed()

    async def forget(self) -> None:
        """See ``Chain.forget``: both nodes are restarted, and neither keeps its pool."""
        await self.keeper.restart()
        await self.node.restart()
        await self._agreed()

    async def lose_pool(self) -> None:
        """See ``Chain.lose_pool``; by a SIGKILL."""
        await self.kill_node()
        await self.start_node()

    async def paid(self, hot: str) -> Paid:
        """See ``Chain.paid``."""
        return (await self._read(hot))[0]

    async def balance(self, hot: str) -> int:
        """See ``Chain.balance``."""
        return sum((await self._read(hot))[1].values())

    async def kill_node(self) -> None:
        """See ``Chain.kill_node``. Blocks and wallet come back as far as they were on the disk, the pool not at all."""
        await self.node.stop(signal.SIGKILL)

    async def start_node(self) -> None:
        """See ``Chain.start_node``."""
        await self.node.restart()
        await self._agreed()

    async def _read(self, hot: str) -> tuple[Paid, dict[str, int]]:
        """Payments out of the hot wallet by receiver, and its coins that nobody has spent, of the whole chain."""
        paid: Paid = defaultdict(list)
        coins: dict[str, int] = {}
        for height in range(MATURE_BLOCKS + 1, await self.keeper.height() + 1):
            block = await self.keeper.call("getblock", await self.keeper.call("getblockhash", height), 2)
            for tx in block["tx"]:
                spent = [coins.pop(f"{i['txid']}:{i['vout']}", 0) for i in tx["vin"] if "txid" in i]
                for output in tx["vout"]:
                    address, minor = address_in(output), int(output["value"].scaleb(8))
                    if address == hot:
                        coins[f"{tx['txid']}:{output['n']}"] = minor
                    elif any(spent):
                        paid[address].append(minor)
        return paid, coins

    async def _pass_on(self) -> None:
        """Nodes tell each other of transactions in seconds, and of those from before they were connected not at all."""
        if self.node.process.poll() is not None:
            return
        for _ in range(_GENERATIONS):
            known = set(await self.keeper.call("getrawmempool"))
            missing = [txid for txid in await self.node.call("getrawmempool") if txid not in known]
            for txid in missing:
                await self._pass_on_one(txid)
            if not missing:
                return

    async def _pass_on_one(self, txid: str) -> None:
        try:
            raw = await self.node.call("getrawtransaction", txid)
            await self.keeper.call("sendrawtransaction", raw)
        except CoinNodeError:
            # It was replaced or mined since, or its parent comes first.
            return

    async def _agreed(self) -> None:
        """Waits until the worker's node, if it is there, has the keeper's newest block."""
        async with asyncio.timeout(_CATCH_UP_SECONDS):
            while self.node.process.poll() is None and await _tip(self.node) != await _tip(self.keeper):
                await self.connect()
                await asyncio.sleep(_POLL_SECONDS)

    async def connect(self) -> None:
        """Connects the nodes if they are not. By themselves they try again only after a minute."""
        with suppress(CoinNodeError):
            if not await self.node.call("getconnectioncount"):
                await self.node.call("addnode", f"{HOST}:{self.keeper.options.listen_port}", "onetry")


async def _tip(node: CoinNode) -> str | None:
    try:
        return str(await node.call("getbestblockhash"))
    except CoinNodeError:
        return None


def address_in(output: dict[str, Any]) -> str:
    """Who is paid by an output; Litecoin Core 0.21 lists addresses, Bitcoin Core 22 and later names the one."""
    script = output["scriptPubKey"]
    return str(script.get("address") or next(iter(script.get("addresses", ())), script["hex"]))


@asynccontextmanager
async def coin_chain(asset: Asset, folder: Path, premined: Path) -> AsyncIterator[CoinChain]:
    """Two new nodes over a copy of the blocks in ``premined``, which are mined there if they are not yet."""
    if not await asyncio.to_thread(premined.exists):
        await _mine_first_blocks(asset, premined)
    keeper = await _node(asset, folder / "keeper", premined)
    node = await _node(asset, folder / "node", premined, keeper.options.listen_port)
    try:
        await asyncio.gather(keeper.wait_until_up(), node.wait_until_up())
        chain = CoinChain(asset, keeper, node)
        await chain.connect()
        yield chain
    finally:
        for one in (keeper, node):
            await one.close()
            await one.stop(signal.SIGKILL)


async def _node(asset: Asset, folder: Path, premined: Path | None, *peers: int) -> CoinNode:
    program = {Asset.BTC: "bitcoind", Asset.LTC: "litecoind"}[asset]
    binary = await asyncio.to_thread(ensure, COMPONENTS[program], print)
    await asyncio.to_thread(_fill, folder, premined)
    options = CoinNodeOptions(asset.lower(), folder, free_port(), free_port(), peers)
    # Told of each transaction at once, and restarted with an empty pool.
    argv = [*command_line(binary, options), "-whitelist=noban@127.0.0.1", "-persistmempool=0"]
    return CoinNode(options, argv, folder / "node.log")


def _fill(folder: Path, premined: Path | None) -> None:
    if premined is None:
        folder.mkdir(parents=True)
    else:
        shutil.copytree(premined, folder)


async def _mine_first_blocks(asset: Asset, folder: Path) -> None:
    unfinished = folder.with_suffix(".unfinished")
    node = await _node(asset, unfinished, None)
    try:
        await node.wait_until_up()
        await node.mine(MATURE_BLOCKS)
    finally:
        await node.close()
        await node.stop()
    await asyncio.to_thread(_cut_to_size, unfinished)
    await asyncio.to_thread(unfinished.rename, folder)


def _cut_to_size(folder: Path) -> None:
    """Takes off what a node reserves at the end of its files, 16 MiB of zeros in each copy; whole pages stay."""
    for path in (folder / "regtest" / "blocks").glob("???0*.dat"):
        pages = -(-len(path.read_bytes().rstrip(b"\0")) // _PAGE_BYTES)
        os.truncate(path, (pages + 1) * _PAGE_BYTES)


def open_chain(
    asset: Asset, folder: Path, premined: Path, *, keeps: bool = False
) -> AbstractAsyncContextManager[Chain]:
    """A new chain of any kind in a folder. Ethereum's survives a SIGKILL of its node only if it ``keeps`` it."""
    if asset is Asset.ETH:
        return ether_chain(folder, keeps=keeps)
    return coin_chain(asset, folder, premined / asset)
