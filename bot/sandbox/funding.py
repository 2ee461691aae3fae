"""The house's first money: the faucet pays the hot wallets and the books say so, once in the life of a sandbox.

A payment is noted before it is booked and the booking is idempotent by its txid, so a start that dies in between
neither pays twice nor forgets.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.anvil import AnvilRpc
from bot.sandbox.chains.ether import WEI_PER_ETHER
from bot.sandbox.coin_node import MINOR_PER_COIN, CoinNodeRpc
from bot.sandbox.folder import Folder, write_private
from bot.sandbox.wallet_commands import WalletCommands

Note = dict[str, dict[str, Any]]
#: What each hot wallet gets, in whole coins.
HOT_WALLET_COINS = {"ETH": 50, "BTC": 5, "LTC": 500}
#: Coins are paid in so many outputs, so that as many batches can be under way at once.
OUTPUTS = 10
#: More blocks than the sandbox's final depths, so that the money may be spent at once.
BLOCKS_ON_TOP = 5


async def fund_hot_wallets(folder: Folder, urls: Mapping[str, str], wallet: WalletCommands) -> str:
    """Pays and books what is still missing on the chains of `urls`; returns a line about it for the person who waits.

    Raises `WalletCommandError` when the books refuse.
    """
    note = _read(folder)
    paying = [_funded(folder, note, name.upper(), url, wallet) for name, url in urls.items()]
    return "; ".join(await asyncio.gather(*paying))


async def _funded(folder: Folder, note: Note, asset: str, url: str, wallet: WalletCommands) -> str:
    paid = f"{HOT_WALLET_COINS[asset]} {asset}"
    if note.get(asset, {}).get("booked"):
        return f"{paid} were paid to the hot wallet before"
    address = json.loads((folder.keys / "worker" / "public.json").read_text())["hot"].get(asset)
    if address is None:
        return f"no {asset}: the keys are older than this chain (SANDBOX_RESET=1 makes new ones)"
    txid = await _paid(folder, note, asset, url, address)
    await wallet.run("fund-hot-wallet", asset, str(HOT_WALLET_COINS[asset]), "--txid", txid)
    _write(folder, note, asset, txid, booked=True)
    return f"{paid} were paid to the hot wallet, and are in the books"


async def _paid(folder: Folder, note: Note, asset: str, url: str, address: str) -> str:
    """The payment's txid, when enough blocks are on top of it."""
    txid = note.get(asset, {}).get("txid")
    async with AnvilRpc(url) if asset == "ETH" else CoinNodeRpc(url) as node:
        if txid is None:
            txid = await _sent(node, address, HOT_WALLET_COINS[asset])
            _write(folder, note, asset, txid, booked=False)
        await node.mine(BLOCKS_ON_TOP)
        if isinstance(node, CoinNodeRpc):
            await node.save()
    return str(txid)


async def _sent(node: AnvilRpc | CoinNodeRpc, address: str, coins: int) -> str:
    if isinstance(node, AnvilRpc):
        return await node.send(address, coins * WEI_PER_ETHER)
    return await node.send(address, coins * MINOR_PER_COIN // OUTPUTS, OUTPUTS)


def _read(folder: Folder) -> Note:
    try:
        found = json.loads(folder.funding.read_text())
    except FileNotFoundError:
        return {}
    # In the beginning there was ether alone.
    return {"ETH": found} if "booked" in found else dict(found)


def _write(folder: Folder, note: Note, asset: str, txid: str, *, booked: bool) -> None:
    note[asset] = {"txid": txid, "booked": booked}
    write_private(folder.funding, json.dumps(note))
