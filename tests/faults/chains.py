"""The chains that worlds stand on, under one protocol: the node that a worker is told of, and what the chain says.

``EtherChain`` is an anvil. ``coin_chain.CoinChain`` is a bitcoind or a litecoind with a second node that keeps the
chain while the first one is dead. Amounts are minor units.
"""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import decode
from eth_utils import to_checksum_address

from bot.sandbox.anvil import AnvilOptions, AnvilRpc, command_line
from bot.sandbox.components import COMPONENTS, ensure
from bot.sandbox.leash import leashed
from tests.faults.proxy import Proxy
from wallet_core.adapters.chains.multi_send import creation_code, results
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.domain.money import Asset

Paid = dict[str, list[int]]

_POLL_SECONDS: Final = 0.05
_ETHER: Final = 10**18
_HOT_ETHER: Final = 100
#: Less than the worker's ceiling, which is 200.
_MOST_GWEI: Final = 60


class Chain(ABC):
    """One chain that is mined by hand, and the node that the worker uses."""

    asset: Asset
    #: Where the worker's node answers, and the name of its method that takes a signed transaction.
    url: str
    sends_with: str

    @abstractmethod
    def environment(self, url: str, final_depth: int) -> dict[str, str]:
        """The worker's settings for this chain, with its node at an address."""

    @abstractmethod
    async def fund(self, hot: str, final_depth: int) -> int:
        """Puts coins into an empty hot wallet, final ones; returns how much."""

    async def deploy(self, hot: str, final_depth: int) -> dict[str, str]:
        """Makes it so that many are paid in one transaction where that takes a contract; the settings that tell."""
        return {}

    @abstractmethod
    async def pay(self, address: str, coin_minor: int) -> None:
        """Somebody pays an address; it waits for a block."""

    @abstractmethod
    def fresh_address(self) -> str:
        """An address that nobody has used."""

    @abstractmethod
    async def height(self) -> int:
        """The newest block."""

    @abstractmethod
    async def mine(self, blocks: int = 1) -> int:
        """Mines what waits in the pools; returns the new height."""

    @abstractmethod
    async def mine_empty(self) -> None:
        """Mines a block that passes over what waits, so that it seems to offer too little."""

    @abstractmethod
    async def reorganise(self, depth: int) -> None:
        """Replaces the newest blocks by empty ones that are at least as many."""

    @abstractmethod
    async def forget(self) -> None:
        """The nodes lose what waits in their pools."""

    @abstractmethod
    async def lose_pool(self) -> None:
        """The worker's node alone loses what waits in its pool."""

    @abstractmethod
    async def paid(self, hot: str) -> Paid:
        """Every payment out of the hot wallet that is in the chain, by receiver: the truth."""

    @abstractmethod
    async def balance(self, hot: str) -> int:
        """What the hot wallet has in the chain."""

    @abstractmethod
    async def kill_node(self) -> None:
        """SIGKILL of the worker's node."""

    @abstractmethod
    async def start_node(self) -> None:
        """Starts it again, and waits until it has caught up with whoever kept the chain."""

    @asynccontextmanager
    async def proxied(self) -> AsyncIterator[Proxy]:
        """A way to the worker's node that can be cut; ``environment(proxy.url, …)`` leads over it."""
        async with Proxy(self.url, self.sends_with) as proxy:
            yield proxy


class EtherChain(Chain):
    """An anvil that mines nothing by itself."""

    asset = Asset.ETH
    sends_with = "eth_sendRawTransaction"

    def __init__(self, node: AnvilRpc, argv: list[str] | None = None, log: Path | None = None) -> None:
        self.node = node
        self.url = node.url
        self._argv = argv
        self._log = log
        #: The file that it writes its chain to every second, if it does.
        self.kept: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self, url: str, final_depth: int) -> dict[str, str]:
        """See ``Chain.environment``."""
        return {
            "ETH_RPC_URL": url,
            "ETH_FINAL_DEPTH": str(final_depth),
            "ETH_BATCH_INTERVAL_SECONDS": "0.3",
            "ETH_BUMP_AFTER_SECONDS": "2",
            "ETH_SWEEP_TO": "off",
            "ETH_SWEEP_INTERVAL_SECONDS": "0.2",
            "BTC_RPC_URL": "",
            "LTC_RPC_URL": "",
        }

    async def deploy(self, hot: str, final_depth: int) -> dict[str, str]:
        """See ``Chain.deploy``: finally, and from somebody's account."""
        rich = (await self.node.call("eth_accounts"))[1]
        deployed = {"from": rich, "data": "0x" + creation_code(hot).hex(), "gas": hex(1_000_000)}
        txid = await self.node.call("eth_sendTransaction", deployed)
        # anvil calls a block final when two are on top of it.
        await self.mine(max(final_depth, 2) + 1)
        receipt = await self.node.call("eth_getTransactionReceipt", txid)
        return {"ETH_MULTISEND_ADDRESS": to_checksum_address(receipt["contractAddress"])}

    async def fund(self, hot: str, final_depth: int) -> int:
        """See ``Chain.fund``."""
        await self.node.set_balance(hot, _HOT_ETHER * _ETHER)
        return _HOT_ETHER * _ETHER

    async def pay(self, address: str, coin_minor: int) -> None:
        """See ``Chain.pay``."""
        await self.node.send(address, coin_minor)

    def fresh_address(self) -> str:
        """See ``Chain.fresh_address``."""
        return str(to_checksum_address("0x" + secrets.token_hex(20)))

    async def height(self) -> int:
        """See ``Chain.height``."""
        return await self.node.height()

    async def mine(self, blocks: int = 1) -> int:
        """See ``Chain.mine``."""
        return await self.node.mine(blocks)

    async def mine_empty(self) -> None:
        """See ``Chain.mine_empty``: its base fee is above what any of them offers, if they leave room for that."""
        content = await self.node.call("txpool_content")
        waiting = [tx for of in content["pending"].values() for tx in of.values()]
        most = max((int(tx["maxFeePerGas"], 16) for tx in waiting), default=0)
        if 0 < most < _MOST_GWEI * 10**9:
            await self.node.call("anvil_setNextBlockBaseFeePerGas", hex(most + 1))
        await self.node.mine()

    async def reorganise(self, depth: int) -> None:
        """See ``Chain.reorganise``; what the replaced blocks held is in no pool any more."""
        await self.node.reorganise(depth)

    async def forget(self) -> None:
        """See ``Chain.forget``."""
        await self.node.call("anvil_dropAllTransactions")

    async def lose_pool(self) -> None:
        """See ``Chain.lose_pool``."""
        await self.forget()

    async def paid(self, hot: str) -> Paid:
        """See ``Chain.paid``."""
        found: Paid = defaultdict(list)
        for height in range(await self.node.height() + 1):
            block = await self.node.call("eth_getBlockByNumber", hex(height), True)
            for tx in block["transactions"]:
                if to_checksum_address(tx["from"]) != hot or not int(tx["value"], 16):
                    continue
                receipt = await self.node.call("eth_getTransactionReceipt", tx["hash"])
                if int(receipt["status"], 16):
                    for address, value_minor in _paid_by(tx, receipt):
                        found[address].append(value_minor)
        return found

    async def balance(self, hot: str) -> int:
        """See ``Chain.balance``."""
        return await self.node.balance(hot)

    async def kill_node(self) -> None:
        """See ``Chain.kill_node``. Its pool is lost; never a block, because its file is no good while it is written."""
        assert self.process is not None
        if self.kept is not None:
            await self._saved(self.kept)
        self.process.kill()
        await asyncio.to_thread(self.process.wait)

    async def _saved(self, kept: Path) -> None:
        """Waits until its file is whole and newer than its newest block. The next one is a second away then."""
        newest = time.time()
        while not _is_whole(kept, newest):  # noqa: ASYNC110 - a file tells nobody that it is whole
            await asyncio.sleep(_POLL_SECONDS)

    def _spawn(self) -> None:
        assert self._argv is not None and self._log is not None
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    async def start_node(self) -> None:
        """See ``Chain.start_node``."""
        self._spawn()
        await self.node.wait_until_up()


def _paid_by(tx: Any, receipt: Any) -> Iterator[tuple[str, int]]:
    """Whom a transaction of the hot wallet paid: its receiver, or those of a call that have the contract's event."""
    contract, data = to_checksum_address(tx["to"]), bytes.fromhex(tx["input"].removeprefix("0x"))
    if not data:
        yield contract, int(tx["value"], 16)
        return
    logs = [
        {"address": to_checksum_address(log["address"]), "topics": [bytes.fromhex(t[2:]) for t in log["topics"]]}
        for log in receipt["logs"]
    ]
    paid = results(contract, receipt["blockHash"], logs).paid
    _, payments = decode(["bytes32", "(bytes32,address,uint256)[]"], data[4:])
    for name, address, value_minor in payments:
        if name.hex() in paid:
            yield to_checksum_address(address), value_minor


def _is_whole(file: Path, since: float) -> bool:
    return file.exists() and file.stat().st_mtime > since and file.read_bytes().endswith(b"}")


@asynccontextmanager
async def ether_chain(folder: Path, *, keeps: bool = False) -> AsyncIterator[EtherChain]:
    """A new anvil; one that ``keeps`` its chain writes it down every second, and survives a SIGKILL so."""
    binary = await asyncio.to_thread(ensure, COMPONENTS["anvil"], print)
    options = AnvilOptions(free_port(), folder / "anvil.json" if keeps else None, automine=False)
    # Without it the file has another block 0 from each start, and which of them counts is chance.
    argv = [*command_line(binary, options), "--timestamp", str(int(time.time()))]
    async with AnvilRpc(f"http://127.0.0.1:{options.port}") as node:
        chain = EtherChain(node, leashed(argv), folder / "anvil.log")
        chain.kept = options.state_file
        try:
            await chain.start_node()
            yield chain
        finally:
            chain.kept = None
            await chain.kill_node()
