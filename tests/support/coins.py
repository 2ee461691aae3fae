"""A node of Bitcoin or Litecoin with our adapter before it, and a hot wallet whose coins a test can spend."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from bot.sandbox.coin_node import RPC_PASSWORD, RPC_USER
from tests.conftest import CoinNode
from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS, Network
from wallet_core.settings import BitcoinLikeSettings, Settings

COIN = 10**8
WATCHING = "itd-wallet"
#: A wallet of the node that holds what the tests spend, as a seed's hot wallet would.
SPENDING = "itd-hot"


@dataclass
class Stage:
    """A node, our adapter before it, and a hot wallet whose coins the tests can spend."""

    node: CoinNode
    ours: BitcoinLikeNode
    network: Network
    hot: str

    async def pay_hot(self, *amounts_minor: int) -> list[str]:
        """Outpoints of confirmed coins of the hot wallet."""
        txids = [await self.node.send(self.hot, amount) for amount in amounts_minor]
        await self.node.mine()
        utxos = {utxo.txid: utxo.id for utxo in await self.ours.utxos(self.hot)}
        return [utxos[txid] for txid in txids]

    async def spend(self, outpoint: str, outputs: dict[str, int]) -> bytes:
        """A signed transaction with this input and these outputs; what is left is the fee."""
        inputs = [{"txid": outpoint[:64], "vout": int(outpoint[65:])}]
        paid = [{address: f"{Decimal(minor).scaleb(-8):f}"} for address, minor in outputs.items()]
        bare = await self.node.call("createrawtransaction", inputs, paid)
        signed = await self.node.call("signrawtransactionwithwallet", bare, wallet=SPENDING)
        assert signed["complete"]
        return bytes.fromhex(signed["hex"])

    async def txid(self, raw: bytes) -> str:
        return str((await self.node.call("decoderawtransaction", raw.hex()))["txid"])

    async def elsewhere(self) -> str:
        """A new address that is not ours."""
        return str(await self.node.call("getnewaddress", "", "bech32", wallet="faucet"))

    def settings(self, **more: object) -> Settings:
        """Those of a process that is served by this node."""
        chain = BitcoinLikeSettings(rpc_url=self.node.url, rpc_user=RPC_USER, rpc_password=RPC_PASSWORD)
        return Settings(**{"eth_rpc_url": "", self.network.asset.lower(): chain, **more})


@asynccontextmanager
async def open_stage(node: CoinNode) -> AsyncIterator[Stage]:
    """On a node that has just started; the hot wallet is watched and has nothing yet."""
    await node.call("createwallet", SPENDING)
    hot = await node.call("getnewaddress", "", "bech32", wallet=SPENDING)
    await node.mine(101)
    ours = BitcoinLikeNode(node.url, RPC_USER, RPC_PASSWORD, WATCHING)
    await ours.watch(hot)
    try:
        yield Stage(node, ours, NETWORKS[Asset(node.options.chain.upper()), "regtest"], hot)
    finally:
        await ours.close()
