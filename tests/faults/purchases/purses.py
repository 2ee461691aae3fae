"""Where customers pay from. What leaves the chain is sent again, as a payer's own wallet does."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any, Final, Protocol

from eth_account import Account as Key
from eth_account.signers.local import LocalAccount

from bot.sandbox.anvil import AnvilError
from bot.sandbox.coin_node import CoinNodeError
from tests.faults.chains import Chain, EtherChain
from tests.faults.coin_chain import CoinChain

#: Fewer than these leave the chain.
_BLOCKS_BELOW: Final = 16
_RICH_WEI: Final = 10**24
_GWEI: Final = 10**9
#: More than blocks that pass over what waits ask for; see ``EtherChain.mine_empty``.
_MAX_FEE_WEI: Final = 100 * _GWEI
_GAS: Final = 100_000
#: CALL(GAS, <address>, CALLVALUE, 0, 0, 0, 0); STOP: run as a contract is made, it hands on all that it was given.
_HANDS_ON: Final = "0x600060006000600034" + "73{address}" + "5af100"
#: A coin less, for miners: more than any payment offers.
_DOUBLE_SPEND_FEE: Final = Decimal("0.01")
_WALLET: Final = "faucet"


class Purse(Protocol):
    """Pays addresses on one chain."""

    async def pay(self, address: str, coin_minor: int) -> str:
        """Pays; it waits for a block. Returns the transaction's hash."""

    async def pay_again(self) -> None:
        """Sends again what is in no block and in no pool any more."""


class EtherPurse:
    """One account with more than enough."""

    def __init__(self, chain: EtherChain) -> None:
        self._node = chain.node
        self._key: LocalAccount = Key.create()
        self._sent: list[str] = []
        self._chain_id = 0

    async def open(self) -> None:
        """Fills it, in a block that nothing takes out of the chain."""
        self._chain_id = int(await self._node.call("eth_chainId"), 16)
        await self._node.set_balance(self._key.address, _RICH_WEI)
        await self._node.mine(_BLOCKS_BELOW)

    async def pay(self, address: str, coin_minor: int) -> str:
        """See ``Purse.pay``."""
        return await self._send({"to": address, "value": coin_minor})

    async def pay_through_contract(self, address: str, coin_minor: int) -> str:
        """No transaction leads to the address: the ether comes out of a contract."""
        data = _HANDS_ON.format(address=address.removeprefix("0x").lower())
        return await self._send({"data": data, "value": coin_minor})

    async def _send(self, terms: dict[str, Any]) -> str:
        # The number is taken before anything is awaited, so that no two have the same.
        offer = {"maxFeePerGas": _MAX_FEE_WEI, "maxPriorityFeePerGas": _GWEI, "gas": _GAS}
        signed = self._key.sign_transaction(
            {"type": 2, "chainId": self._chain_id, "nonce": len(self._sent), **offer, **terms}
        )
        raw = signed.raw_transaction.to_0x_hex()
        self._sent.append(raw)
        return str(await self._node.call("eth_sendRawTransaction", raw))

    async def pay_again(self) -> None:
        """See ``Purse.pay_again``."""
        for raw in self._sent:
            # Most of them are there.
            with suppress(AnvilError):
                await self._node.call("eth_sendRawTransaction", raw)


class CoinPurse:
    """The faucet of the node that keeps the chain, whose pool has again what leaves the newest blocks."""

    def __init__(self, chain: CoinChain) -> None:
        self._chain = chain

    async def pay(self, address: str, coin_minor: int) -> str:
        """See ``Purse.pay``."""
        return await self._chain.keeper.send(address, coin_minor)

    async def pay_again(self) -> None:
        """See ``Purse.pay_again``."""

    async def replace(self, txid: str) -> bool:
        """Mines a block with a transaction that takes a payment's coin back; False when the payment was mined before.

        Nobody else may mine meanwhile.
        """
        keeper = self._chain.keeper
        try:
            spent = (await keeper.call("getrawtransaction", txid, True))["vin"][0]
            value = (await keeper.call("gettxout", spent["txid"], spent["vout"], False))["value"]
        except (CoinNodeError, TypeError):
            return False
        own = await self._chain.own_address()
        outputs = {own: f"{value - _DOUBLE_SPEND_FEE:f}"}
        raw = await keeper.call("createrawtransaction", [{"txid": spent["txid"], "vout": spent["vout"]}], outputs)
        signed = await keeper.call("signrawtransactionwithwallet", raw, wallet=_WALLET)
        try:
            await keeper.call("generateblock", own, [signed["hex"]])
        except CoinNodeError:
            return False
        await self._chain.mine_empty()
        return True


async def open_purse(chain: Chain) -> EtherPurse | CoinPurse:
    """A full purse on a chain."""
    if isinstance(chain, EtherChain):
        purse = EtherPurse(chain)
        await purse.open()
        return purse
    assert isinstance(chain, CoinChain)
    return CoinPurse(chain)
