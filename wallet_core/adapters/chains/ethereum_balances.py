"""``ports.ChainBalances`` on an Ethereum node."""

from __future__ import annotations

import httpx

from wallet_core.domain.errors import Unavailable

_TIMEOUT_SECONDS = 10.0


class EthereumBalances:
    """Asks a node over JSON-RPC; needs no key and signs nothing."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client

    async def balance_minor(self, address: str) -> int:
        """See ``ports.ChainBalances.balance_minor``: wei at the node's head."""
        return await self._number("eth_getBalance", address, "latest")

    async def chain_id(self) -> int:
        """The EIP-155 id of the node's chain. Raises ``Unavailable``."""
        return await self._number("eth_chainId")

    async def _number(self, method: str, *params: str) -> int:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        try:
            answer = await self._client.post(self._url, json=request, timeout=_TIMEOUT_SECONDS)
            return int(answer.raise_for_status().json()["result"], 16)
        except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            raise Unavailable("the Ethereum node does not answer") from error
