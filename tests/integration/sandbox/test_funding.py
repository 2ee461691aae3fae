"""The house's first money, on real nodes; the books are played."""

import json
from pathlib import Path

import pytest

from bot.sandbox.folder import Folder
from bot.sandbox.funding import BLOCKS_ON_TOP, OUTPUTS, fund_hot_wallets
from bot.sandbox.wallet_commands import WalletCommandError, WalletCommands
from tests.conftest import CoinNodeFactory
from tests.integration.sandbox.test_coin_nodes import ADDRESSES


class Books(WalletCommands):
    """Notes what would be booked, or refuses it."""

    def __init__(self) -> None:
        super().__init__({})
        self.booked: list[tuple[str, ...]] = []
        self.refuses = False

    async def run(self, *arguments: str) -> str:
        if self.refuses:
            raise WalletCommandError("no")
        self.booked.append(arguments)
        return ""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "keys" / "worker").mkdir(parents=True)
    hot = {name.upper(): address for name, address in ADDRESSES.items()}
    (tmp_path / "keys" / "worker" / "public.json").write_text(json.dumps({"hot": hot}))
    return Folder(tmp_path)


@pytest.mark.parametrize(("chain", "coins"), [("btc", 5), ("ltc", 500)])
async def test_the_hot_wallet_is_paid_once_in_several_outputs_and_booked(
    coin_node: CoinNodeFactory, folder: Folder, chain: str, coins: int
) -> None:
    node, books = await coin_node(chain), Books()
    books.refuses = True
    with pytest.raises(WalletCommandError):
        await fund_hot_wallets(folder, {chain: node.url}, books)
    books.refuses = False
    for words in ("and are in the books", "before"):
        assert words in await fund_hot_wallets(folder, {chain: node.url}, books)
    found = await node.call("scantxoutset", "start", [f"addr({ADDRESSES[chain]})"])
    assert len(found["unspents"]) == OUTPUTS
    assert found["total_amount"] == coins
    assert found["height"] - found["unspents"][0]["height"] + 1 == 2 * BLOCKS_ON_TOP
    txid = found["unspents"][0]["txid"]
    assert books.booked == [("fund-hot-wallet", chain.upper(), str(coins), "--txid", txid)]


async def test_keys_from_before_the_chain_are_said_to_be_too_old(folder: Folder) -> None:
    (folder.keys / "worker" / "public.json").write_text('{"hot": {}}')
    assert "SANDBOX_RESET=1" in await fund_hot_wallets(folder, {"btc": "http://127.0.0.1:9"}, Books())
