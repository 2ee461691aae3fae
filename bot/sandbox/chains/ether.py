"""Ether on anvil. Amounts are wei."""

from eth_utils.address import is_address

from bot.sandbox.anvil import AnvilError, AnvilRpc
from bot.sandbox.chains.chain import CONFIRMATIONS_MAX, Lying
from bot.sandbox.world import HookError

WEI_PER_ETHER = 10**18
#: The faucet never runs dry: below this much it is filled up before it pays (wei).
FAUCET_LEVEL_WEI = 1_000_000 * WEI_PER_ETHER


class Ether:
    """The chain of one anvil."""

    name = "eth"
    asset = "ETH"
    decimals = 18
    process = "anvil"

    def __init__(self, url: str) -> None:
        self._node = AnvilRpc(url)

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
        """Mines blocks and returns the new height."""
        return await self._node.mine(blocks)

    async def reorganise(self, depth: int) -> int:
        """Replaces the newest `depth` blocks by as many empty ones and returns the height."""
        await self._node.reorganise(depth)
        return await self._node.height()

    async def pay(self, address: str, minor: int) -> str:
        """Pays wei out of the node's first rich account, which is filled up from nothing, and returns the hash."""
        _require_address(address)
        faucet = (await self._node.call("eth_accounts"))[0]
        if await self._node.balance(faucet) < minor + FAUCET_LEVEL_WEI // 2:
            await self._node.set_balance(faucet, minor + FAUCET_LEVEL_WEI)
        return await self._node.send(address, minor)

    async def lying_at(self, address: str) -> Lying:
        """Looks at an address now and through the older blocks."""
        _require_address(address)
        height = await self._node.height()
        wei = await self._node.balance(address, height)
        pending = int(await self._node.call("eth_getBalance", address, "pending"), 16)
        confirmations = await self._confirmations(address, wei, height) if wei else 0
        return Lying(wei, confirmations, max(0, pending - wei))

    async def _confirmations(self, address: str, wei: int, height: int) -> int:
        for count in range(1, min(CONFIRMATIONS_MAX, height + 1)):
            try:
                if await self._node.balance(address, height - count) != wei:
                    return count
            except AnvilError:
                # A node that was restarted from its file knows no older states.
                return count
        return min(CONFIRMATIONS_MAX, height + 1)


def _require_address(address: str) -> None:
    if not is_address(address):
        raise HookError("that is no Ethereum address, or its checksum (EIP-55) does not fit")
