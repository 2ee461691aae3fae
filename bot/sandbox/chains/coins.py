"""Bitcoin and litecoin on their nodes in regtest. Amounts are in 10^-8 of a coin.

A node writes its chain to the disk once an hour, and people kill it here to see what happens: so it is made to write
whenever something was mined or paid, and comes back with what it had.
"""

import asyncio
from typing import Any

from bot.sandbox.chains.chain import CONFIRMATIONS_MAX, Lying
from bot.sandbox.coin_node import CoinNodeRpc
from bot.sandbox.world import HookError

DECIMALS = 8
FULL_NAMES = {"btc": "Bitcoin", "ltc": "Litecoin"}
PROCESSES = {"btc": "bitcoind", "ltc": "litecoind"}


class Coins:
    """The chain `btc` or `ltc` on one node."""

    decimals = DECIMALS

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.asset = name.upper()
        self.process = PROCESSES[name]
        self._node = CoinNodeRpc(url)
        # A node looks through its coins for one caller at a time (Bitcoin Core, ``scantxoutset``).
        self._looking = asyncio.Lock()

    async def close(self) -> None:
        """Closes the connections to the node."""
        await self._node.close()

    async def height(self) -> int:
        """The number of the newest block."""
        return await self._node.height()

    async def pending_count(self) -> int:
        """How many transactions wait for the next block."""
        return await self._node.pending_count()

    async def mine(self, blocks: int) -> int:
        """Mines blocks for the faucet and returns the new height."""
        height = await self._node.mine(blocks)
        await self._node.save()
        return height

    async def reorganise(self, depth: int) -> int:
        """Replaces the newest `depth` blocks by `depth` + 11 empty ones and returns the new height."""
        height = await self._node.reorganise(depth, forget=True)
        await self._node.save()
        return height

    async def pay(self, address: str, minor: int) -> str:
        """Pays out of the faucet's wallet, which mines for itself what it lacks, and returns the txid."""
        await self._script_of(address)
        txid = await self._node.send(address, minor)
        await self._node.save()
        return txid

    async def lying_at(self, address: str) -> Lying:
        """Adds up the unspent coins at an address, and the outputs to it of waiting transactions."""
        script = await self._script_of(address)
        async with self._looking:
            found = await self._node.call("scantxoutset", "start", [f"addr({address})"])
        newest = max((coin["height"] for coin in found["unspents"]), default=None)
        confirmations = 0 if newest is None else min(CONFIRMATIONS_MAX, found["height"] - newest + 1)
        return Lying(_minor(found["total_amount"]), confirmations, await self._pending_minor(script))

    async def _pending_minor(self, script: str) -> int:
        transactions = [await self._waiting(txid) for txid in await self._node.call("getrawmempool")]
        outputs = [output for transaction in transactions for output in transaction.get("vout", [])]
        return sum(_minor(output["value"]) for output in outputs if output["scriptPubKey"]["hex"] == script)

    async def _waiting(self, txid: str) -> dict[str, Any]:
        return dict(await self._node.call("getrawtransaction", txid, True))

    async def _script_of(self, address: str) -> str:
        said = await self._node.call("validateaddress", address)
        if not said["isvalid"]:
            raise HookError(f"that is no address of the local {FULL_NAMES[self.name]} network (regtest)")
        return str(said["scriptPubKey"])


def _minor(coins: Any) -> int:
    """Minor units of a number from the node: a Decimal, or an int where it is written without a point."""
    return int(coins * 10**DECIMALS)
