"""A wallet of a node that holds the hot wallet's key: the second way of signing, beside the seed."""

from __future__ import annotations

from typing import Final, Self

from wallet_core.adapters.chains.bitcoin_like_rpc import NO_SUCH_LABEL, BitcoinLikeRpc, RpcError, RpcWallet
from wallet_core.domain.errors import Unavailable
from wallet_core.settings import BitcoinLikeSettings

_LABEL: Final = "itd-hot"
#: Thousands of outputs take a node a while.
_TIMEOUT_SECONDS: Final = 60.0


class NodeWallet:
    """The operators make the wallet, because they decide how it is encrypted and copied. It raises ``Unavailable``."""

    def __init__(self, url: str, user: str, password: str, wallet: str) -> None:
        self._rpc = BitcoinLikeRpc(url, user, password, timeout_seconds=_TIMEOUT_SECONDS)
        self._wallet = RpcWallet(self._rpc, wallet)

    @classmethod
    def of(cls, settings: BitcoinLikeSettings) -> Self:
        """The signing wallet of one chain's settings."""
        password = settings.rpc_password.get_secret_value()
        return cls(settings.rpc_url, settings.rpc_user, password, settings.signing_wallet)

    async def close(self) -> None:
        """Closes its connections."""
        await self._rpc.close()

    async def address(self) -> str:
        """The hot wallet's address, segwit version 0; made at the first call, found by its label from then on."""
        return await self._labelled() or await self._made()

    async def process_psbt(self, psbt: str) -> tuple[str, bool]:
        """The PSBT (BIP 174, base 64) with the wallet's signatures, and whether none is missing."""
        done = await self._wallet.ask("walletprocesspsbt", psbt)
        return str(done["psbt"]), bool(done["complete"])

    async def _made(self) -> str:
        await self._wallet.ask("getnewaddress", _LABEL, "bech32")
        # Read back, so that two processes that made one each agree on which it is.
        address = await self._labelled()
        if address is None:
            raise Unavailable(f"the node's wallet has no address {_LABEL}")
        return address

    async def _labelled(self) -> str | None:
        try:
            return str(min(await self._wallet.call("getaddressesbylabel", _LABEL)))
        except RpcError as error:
            if error.code == NO_SUCH_LABEL:
                return None
            raise Unavailable(f"the node's wallet does not answer: {error}") from error
