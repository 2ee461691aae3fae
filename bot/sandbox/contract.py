"""The contract that pays many at once, deployed on the sandbox's anvil from a developer's account.

Its address is known before: it is that of the account's first deployment, and the account does nothing else.
"""

from typing import Final

from bot.sandbox.anvil import AnvilRpc
from bot.sandbox.funding import BLOCKS_ON_TOP
from bot.sandbox.wallet_commands import WalletCommands

#: The last of anvil's ten rich accounts, and the address of what it deploys with nonce 0.
DEVELOPER: Final = "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"
MULTI_SEND_ADDRESS: Final = "0x700b6A60ce7EaaEA56F065753d8dcB9653dbAD35"
_GAS: Final = 1_000_000


async def deploy_multi_send(url: str, wallet: WalletCommands) -> str:
    """Deploys it once in the life of a chain; returns a line about it for the person who waits.

    Raises `AnvilError` and `WalletCommandError`.
    """
    async with AnvilRpc(url) as node:
        if await node.call("eth_getCode", MULTI_SEND_ADDRESS, "latest") != "0x":
            return f"the contract is at {MULTI_SEND_ADDRESS} since before"
        data = (await wallet.json("contract"))["data"]
        deployed = {"from": DEVELOPER, "data": data, "gas": hex(_GAS), "nonce": "0x0"}
        await node.call("eth_sendTransaction", deployed)
        await node.mine(BLOCKS_ON_TOP)
    return f"the contract was deployed at {MULTI_SEND_ADDRESS}"
