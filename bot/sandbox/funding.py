"""The house's first money: the faucet pays the hot wallet and the books say so, once in the life of a sandbox.

The payment is noted before it is booked and the booking is idempotent by its txid, so a start that dies in between
neither pays twice nor forgets.
"""

import json
from pathlib import Path
from typing import Any

from bot.sandbox.anvil import AnvilRpc
from bot.sandbox.chains import WEI_PER_ETHER
from bot.sandbox.folder import Folder, write_private
from bot.sandbox.wallet_commands import WalletCommands

HOT_WALLET_ETHER = 50
#: More blocks than the sandbox's final depth, so that the money may be spent at once.
BLOCKS_ON_TOP = 4


async def fund_hot_wallet(folder: Folder, eth_url: str, wallet: WalletCommands) -> str:
    """Pays and books what is still missing; returns a line about it for the person who waits."""
    note = _read(folder.funding)
    if note.get("booked"):
        return f"the hot wallet was funded with {HOT_WALLET_ETHER} ETH before"
    async with AnvilRpc(eth_url) as node:
        txid = note.get("txid") or await _paid(node, folder)
        write_private(folder.funding, json.dumps({"txid": txid, "booked": False}))
        await node.mine(BLOCKS_ON_TOP)
    await wallet.run("fund-hot-wallet", "ETH", str(HOT_WALLET_ETHER), "--txid", txid)
    write_private(folder.funding, json.dumps({"txid": txid, "booked": True}))
    return f"the faucet paid {HOT_WALLET_ETHER} ETH to the hot wallet, and it is in the books"


async def _paid(node: AnvilRpc, folder: Folder) -> str:
    public = json.loads((folder.keys / "worker" / "public.json").read_text())
    return await node.send(public["hot"]["ETH"], HOT_WALLET_ETHER * WEI_PER_ETHER)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}
