"""What came to deposit addresses, read from every block of the chain: the truth that the books are compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from eth_utils.address import to_checksum_address

from tests.faults.chains import Chain, EtherChain
from tests.faults.coin_chain import MATURE_BLOCKS, CoinChain, address_in


@dataclass
class Came:
    """What came to one address in minor units, and what of it has left.

    ``payments`` are single ones: all of them on chains of coins, and on Ethereum those that no contract made.
    """

    payments: dict[str, int] = field(default_factory=dict)
    total_minor: int = 0
    left_minor: int = 0

    @property
    def there_minor(self) -> int:
        """What is still there."""
        return self.total_minor - self.left_minor


async def came_to(chain: Chain, addresses: Iterable[str]) -> dict[str, Came]:
    """For each address all that ever came to it in the chain as it is now."""
    if isinstance(chain, EtherChain):
        return await _ether(chain, list(addresses))
    assert isinstance(chain, CoinChain)
    return await _coins(chain, list(addresses))


async def _coins(chain: CoinChain, addresses: list[str]) -> dict[str, Came]:
    found = {address: Came() for address in addresses}
    at: dict[str, tuple[str, int]] = {}
    for height in range(MATURE_BLOCKS + 1, await chain.keeper.height() + 1):
        block = await chain.keeper.call("getblock", await chain.keeper.call("getblockhash", height), 2)
        for tx in block["tx"]:
            for spent in tx["vin"]:
                address, minor = at.pop(f"{spent.get('txid')}:{spent.get('vout')}", ("", 0))
                if address:
                    found[address].left_minor += minor
            for output in tx["vout"]:
                address, minor = address_in(output), int(output["value"].scaleb(8))
                if address in found:
                    outpoint = f"{tx['txid']}:{output['n']}"
                    at[outpoint] = address, minor
                    found[address].payments[outpoint] = minor
                    found[address].total_minor += minor
    return found


async def _ether(chain: EtherChain, addresses: list[str]) -> dict[str, Came]:
    """What is there and what its own transactions took away: whatever brought it, a contract too."""
    found = {address: Came() for address in addresses}
    for height in range(await chain.node.height() + 1):
        block = await chain.node.call("eth_getBlockByNumber", hex(height), True)
        for tx in block["transactions"]:
            came = found.get(to_checksum_address(tx["from"]))
            if came is not None:
                came.left_minor += await _cost(chain, tx)
            paid = found.get(to_checksum_address(tx["to"])) if tx.get("to") else None
            if paid is not None:
                paid.payments[f"{tx['hash']}:0"] = int(tx["value"], 16)
    for address, came in found.items():
        came.total_minor = came.left_minor + await chain.node.balance(address)
    return found


async def _cost(chain: EtherChain, tx: dict[str, str]) -> int:
    receipt = await chain.node.call("eth_getTransactionReceipt", tx["hash"])
    fee_minor = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    return fee_minor + (int(tx["value"], 16) if int(receipt["status"], 16) else 0)
