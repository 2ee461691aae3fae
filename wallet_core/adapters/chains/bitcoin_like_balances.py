"""``ports.ChainBalances`` on a node of Bitcoin or Litecoin with a watch-only wallet."""

from __future__ import annotations

from typing import Any, Final, Self

from wallet_core.adapters.chains.bitcoin_like_rpc import BitcoinLikeRpc, RpcWallet, minor
from wallet_core.domain.errors import Unavailable
from wallet_core.settings import BitcoinLikeSettings

_MAX_CONFIRMATIONS: Final = 9_999_999
_WATCH_ONLY: Final = True
_LOOKS: Final = 5


class BitcoinLikeBalances:
    """Asks a node; needs no key and signs nothing."""

    def __init__(self, url: str, user: str, password: str, wallet: str) -> None:
        self._rpc = BitcoinLikeRpc(url, user, password)
        self._wallet = RpcWallet(self._rpc, wallet)

    @classmethod
    def of(cls, settings: BitcoinLikeSettings) -> Self:
        """The node of one chain's settings."""
        password = settings.rpc_password.get_secret_value()
        return cls(settings.rpc_url, settings.rpc_user, password, settings.rpc_wallet)

    async def close(self) -> None:
        """Closes its connections."""
        await self._rpc.close()

    async def balance_minor(self, address: str) -> int:
        """See ``ports.ChainBalances.balance_minor``: satoshi of a watched address that the newest block leaves it.

        What is in no block counts on neither side: a pool forgets, and the wallet hides what was spent in it.
        """
        for _ in range(_LOOKS):
            before = await self._rpc.ask("getbestblockhash")
            coins = await self._unspent(address) | await self._spent_in_pool_alone(address, before)
            if await self._rpc.ask("getbestblockhash") == before:
                return sum(coins.values())
        raise Unavailable("blocks come faster than the node's wallet can be read")

    async def _unspent(self, address: str) -> dict[str, int]:
        found = await self._wallet.ask("listunspent", 1, _MAX_CONFIRMATIONS, [address], True)
        return {f"{entry['txid']}:{entry['vout']}": minor(entry["amount"]) for entry in found}

    async def _spent_in_pool_alone(self, address: str, newest: str) -> dict[str, int]:
        """Coins whose spending the wallet has seen, in no block."""
        script = (await self._wallet.ask("getaddressinfo", address))["scriptPubKey"]
        listed = await self._wallet.ask("listsinceblock", newest, 1, _WATCH_ONLY, False)
        sent = {e["txid"] for e in listed["transactions"] if e["category"] == "send" and e["confirmations"] == 0}
        coins: dict[str, int] = {}
        for txid in sent:
            found = await self._wallet.ask("gettransaction", txid, _WATCH_ONLY, True)
            for spent in found["decoded"]["vin"]:
                output = await self._output(spent)
                if output and output["scriptPubKey"]["hex"] == script:
                    coins[f"{spent['txid']}:{spent['vout']}"] = minor(output["value"])
        return coins

    async def _output(self, spent: dict[str, Any]) -> Any:
        """What an input spends, if no block spent it; None for one that comes from the pool itself."""
        return await self._rpc.ask("gettxout", spent["txid"], spent["vout"], False)
