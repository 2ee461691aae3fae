"""The contract of the sandbox, on a real anvil; `wallet contract` is the real command's own function."""

from __future__ import annotations

from pathlib import Path

from bot.sandbox.contract import MULTI_SEND_ADDRESS, deploy_multi_send
from bot.sandbox.wallet_commands import WalletCommands
from tests.faults.chains import ether_chain
from tests.faults.environment import make_keys, outside, settings_of
from wallet_core.adapters.chains import multi_send
from wallet_core.adapters.chains.ethereum_node import EthereumNode
from wallet_core.diagnosis import Check, diagnose


async def _doctor(environment: dict[str, str], what: str = "mass payouts in ether") -> Check:
    checks = await diagnose(settings_of(environment))
    (found,) = [check for check in checks if check.what == what]
    return found


async def test_it_is_deployed_once_and_doctor_knows_it(mongo_uri: str, database_name: str, tmp_path: Path) -> None:
    owner = make_keys(tmp_path / "keys")["hot"]["ETH"]
    async with ether_chain(tmp_path) as chain:
        environment = {
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database_name,
            "WALLET_KEYS_DIR": str(tmp_path / "keys"),
            "ETH_RPC_URL": chain.url,
            "ETH_FINAL_DEPTH": "2",
            "ETH_MULTISEND_ADDRESS": MULTI_SEND_ADDRESS,
            "BTC_RPC_URL": "",
            "LTC_RPC_URL": "",
        }
        assert "deploy what `wallet contract` prints" in (await _doctor(environment)).mend
        wallet = WalletCommands({**outside(), **environment})
        for words in ("was deployed at", "since before"):
            assert words in await deploy_multi_send(chain.url, wallet)
        node = EthereumNode(chain.url)
        assert await node.has_multi_send(MULTI_SEND_ADDRESS, owner, await chain.height())
        await node.close()
        assert not (await _doctor(environment)).fault
        assert not (await _doctor({**environment, "ETH_MULTISEND_ADDRESS": ""})).fault
        for cold, fault in ((owner, True), (owner.lower(), True), (MULTI_SEND_ADDRESS, False), ("", False)):
            found = await _doctor({**environment, "ETH_SWEEP_COLD_ADDRESS": cold}, "cold wallets")
            assert (found.fault, "ETH_SWEEP_COLD_ADDRESS" in found.mend) == (fault, fault)


async def test_what_the_command_prints_is_the_code_of_this_hot_wallet(tmp_path: Path) -> None:
    owner = make_keys(tmp_path / "keys")["hot"]["ETH"]
    printed = await WalletCommands({**outside(), "WALLET_KEYS_DIR": str(tmp_path / "keys")}).json("contract")
    assert printed["owner"] == owner
    assert printed["data"] == "0x" + multi_send.creation_code(owner).hex()
