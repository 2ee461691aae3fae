"""The way to pay without batches: one ``sendtoaddress`` of the node's wallet for each payout, and a mark beside it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pymongo import WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from bot.sandbox.coin_node import RPC_PASSWORD, RPC_USER, CoinNodeOptions, command_line
from bot.sandbox.components import COMPONENTS, ensure
from tests.benchmarks.kept_connection import KeptConnection
from tests.conftest import CoinNode
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document

_WALLET: Final = "naive"
#: What each of the wallet's coins is worth: enough for some payouts.
_COIN_MINOR: Final = 10**7
#: So many of them: the more a wallet has, the longer it chooses, and with fewer its chains of change grow too long.
_COINS: Final = 100
#: A block after as many, so that all coins are in blocks again: its wallet is fastest without chains of change. At its
#: 502nd transaction that is in no block, Bitcoin Core answers "map::at" and sends nothing more (bitcoin/bitcoin#29711).
_SENT_A_BLOCK: Final = _COINS
_CONFIRMATIONS: Final = 2
#: Minor units a virtual byte. Up to 10 Bitcoin Core gathers small coins along, which makes its transactions larger.
_FEE_RATE: Final = 20
#: The smallest change, which is the default of Bitcoin Core and not of every node.
_OWN: Final = ("-addresstype=bech32", "-changetype=bech32")


@dataclass(frozen=True, slots=True)
class Sent:
    """What it took to pay so many, one by one, without the time of mining."""

    payouts: int
    seconds: float
    vbytes: int


class NaivePayer:
    """A node whose wallet broadcasts, with a hundred coins, and a collection of payouts.

    It is as fast as such a worker can be: one connection that is kept, one look at the queue, one update when a payout
    was sent, and one question and one update when it is confirmed. It checks nothing and survives nothing.
    """

    def __init__(self, node: CoinNode, wire: KeptConnection, database: AsyncDatabase[Document]) -> None:
        self._node = node
        self._wire = wire
        self._payouts = database.get_collection("naive", write_concern=WriteConcern(w="majority", j=True))

    async def fund(self) -> None:
        """Gives the wallet its coins."""
        address = await self._call("getnewaddress", "", "bech32")
        await self._node.send(address, _COIN_MINOR, copies=_COINS)
        await self._node.mine()

    async def pay(self, amount_minor: int, addresses: Sequence[str]) -> Sent:
        """Pays each of them the amount, and marks it settled when it is confirmed."""
        await self._payouts.delete_many({})
        queued = [{"_id": secrets.token_hex(8), "to": to, "minor": amount_minor, "state": "queued"} for to in addresses]
        await self._payouts.insert_many(queued)
        seconds = 0.0
        while await self._payouts.count_documents({"state": "queued"}):
            seconds += await _timed(self._send_some())
            await self._node.mine()
        await self._node.mine(_CONFIRMATIONS)
        seconds += await _timed(self._settle_all())
        settled = await self._payouts.find({"state": "settled"}).to_list()
        if len(settled) != len(addresses):
            raise LookupError(f"of {len(addresses)} payouts {len(settled)} were settled")
        return Sent(len(settled), seconds, sum([await self._vsize(payout["txid"]) for payout in settled]))

    async def _send_some(self) -> None:
        async for payout in self._payouts.find({"state": "queued"}, limit=_SENT_A_BLOCK):
            amount = f"{Decimal(payout['minor']).scaleb(-8):f}"
            txid = await self._call("sendtoaddress", address=payout["to"], amount=amount, fee_rate=_FEE_RATE)
            sent = {"state": "sent", "txid": txid}
            await self._payouts.update_one({"_id": payout["_id"]}, {"$set": sent})

    async def _settle_all(self) -> None:
        async for payout in self._payouts.find({"state": "sent"}):
            if (await self._call("gettransaction", payout["txid"]))["confirmations"] >= _CONFIRMATIONS:
                await self._payouts.update_one({"_id": payout["_id"]}, {"$set": {"state": "settled"}})

    async def _vsize(self, txid: str) -> int:
        raw = (await self._call("gettransaction", txid))["hex"]
        return int((await self._call("decoderawtransaction", raw))["vsize"])

    async def _call(self, method: str, *params: Any, **named: Any) -> Any:
        answer = await self._wire.ask({"jsonrpc": "1.0", "id": 1, "method": method, "params": named or params})
        if answer["error"]:
            raise LookupError(f"{method}: {answer['error']['message']}")
        return answer["result"]


async def _timed(work: Any) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


@asynccontextmanager
async def naive_payer(
    asset: Asset, database: AsyncDatabase[Document], folder: Path, premined: Path
) -> AsyncIterator[NaivePayer]:
    """One on a chain of its own, which begins with a copy of the blocks in ``premined``."""
    binary = await asyncio.to_thread(ensure, COMPONENTS[{Asset.BTC: "bitcoind", Asset.LTC: "litecoind"}[asset]], print)
    await asyncio.to_thread(shutil.copytree, premined, folder)
    options = CoinNodeOptions(asset.lower(), folder, free_port())
    argv = [one for one in command_line(binary, options) if not one.startswith("-walletbroadcast")]
    node = CoinNode(options, [*argv, *_OWN], folder / "node.log")
    try:
        await node.wait_until_up()
        await node.call("createwallet", _WALLET)
        async with aclosing(KeptConnection(f"{node.url}/wallet/{_WALLET}", RPC_USER, RPC_PASSWORD)) as wire:
            yield NaivePayer(node, wire, database)
    finally:
        await node.close()
        await node.stop(signal.SIGKILL)
