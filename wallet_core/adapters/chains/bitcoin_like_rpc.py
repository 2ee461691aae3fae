"""JSON-RPC of Bitcoin Core and of the nodes that descend from it, Litecoin Core among them; and of their wallets.

Amounts are JSON numbers in whole coins: they are read as ``Decimal`` and turned into satoshi exactly. Nothing is asked
twice by itself. Error codes are those of Bitcoin Core's ``src/rpc/protocol.h``.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, NoReturn
from urllib.parse import quote

from wallet_core.adapters.chains.node_server import NO_ANSWER, Answer, NodeServer
from wallet_core.domain.errors import InvariantViolated, Unavailable

WALLET_NOT_FOUND: Final = -18
NO_SUCH_LABEL: Final = -11
INVALID_PARAMETER: Final = -8
INVALID_ADDRESS_OR_KEY: Final = -5
ALREADY_IN_CHAIN: Final = -27
_IN_WARMUP: Final = -28
_SATOSHI_DIGITS: Final = 8


class RpcError(Exception):
    """The node's answer is an error; ``code`` and ``message`` are its own."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message


class BitcoinLikeRpc:
    """One node. What keeps it from answering is ``Unavailable``; an error that it answers is ``RpcError``."""

    def __init__(self, url: str, user: str, password: str, *, timeout_seconds: float = 10.0) -> None:
        self._server = NodeServer(url, user, password)
        self._timeout_seconds = timeout_seconds

    async def close(self) -> None:
        """Nothing stays open between two requests."""

    async def call(self, method: str, *params: Any, wallet: str = "", timeout_seconds: float | None = None) -> Any:
        """The result, of a wallet's method where one is named. Raises ``RpcError`` and ``Unavailable``."""
        path = f"/wallet/{quote(wallet, safe='')}" if wallet else ""
        body = json.dumps({"jsonrpc": "1.0", "id": 1, "method": method, "params": params}).encode()
        try:
            answer = await self._server.post(path, body, timeout_seconds or self._timeout_seconds)
        except NO_ANSWER as error:
            raise Unavailable(f"the node does not answer {method} ({type(error).__name__})") from error
        return _result(method, answer)

    async def ask(self, method: str, *params: Any) -> Any:
        """The result; whatever is wrong is ``Unavailable``, for questions to which an error is no answer."""
        try:
            return await self.call(method, *params)
        except RpcError as error:
            _refuse(method, error)


class RpcWallet:
    """One wallet of a node; a node that was started anew may have to load it first."""

    def __init__(self, rpc: BitcoinLikeRpc, name: str) -> None:
        self.rpc = rpc
        self._name = name

    async def call(self, method: str, *params: Any, timeout_seconds: float | None = None) -> Any:
        """The result. Raises ``RpcError`` and ``Unavailable``."""
        try:
            return await self.rpc.call(method, *params, wallet=self._name, timeout_seconds=timeout_seconds)
        except RpcError as error:
            if error.code != WALLET_NOT_FOUND:
                raise
        await self.load()
        return await self.rpc.call(method, *params, wallet=self._name, timeout_seconds=timeout_seconds)

    async def ask(self, method: str, *params: Any, timeout_seconds: float | None = None) -> Any:
        """The result; whatever is wrong is ``Unavailable``."""
        try:
            return await self.call(method, *params, timeout_seconds=timeout_seconds)
        except RpcError as error:
            _refuse(method, error)

    async def load(self) -> None:
        """Loads it, now and at each start of the node. Raises ``RpcError`` WALLET_NOT_FOUND when there is none."""
        if self._name not in await self.rpc.ask("listwallets"):
            await self.rpc.call("loadwallet", self._name, True)

    async def load_or_make(self) -> None:
        """Loads it; makes it without keys where there is none: of descriptors if the node has those, else older."""
        try:
            await self.load()
        except RpcError as error:
            if error.code != WALLET_NOT_FOUND:
                _refuse("loadwallet", error)
            await self._make()

    async def _make(self) -> None:
        # name, no private keys, blank, passphrase, avoid_reuse, descriptors, load at each start
        try:
            await self.rpc.call("createwallet", self._name, True, True, "", False, True, True)
        except RpcError:
            await self.rpc.ask("createwallet", self._name, True, True, "", False, False, True)


def minor(coins: Decimal) -> int:
    """Satoshi of an amount in whole coins. Raises ``InvariantViolated`` for a part of one."""
    satoshi = coins.scaleb(_SATOSHI_DIGITS)
    if satoshi != satoshi.to_integral_value():
        raise InvariantViolated(f"the node speaks of {coins} coins, which is no whole number of satoshi")
    return int(satoshi)


def _result(method: str, response: Answer) -> Any:
    """Errors come with HTTP status 404 or 500 and the same body; without one, something is before the node."""
    try:
        answer = json.loads(response.body, parse_float=Decimal)
        error = answer["error"]
        if error is None:
            return answer["result"]
        failed = RpcError(int(error["code"]), str(error["message"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"the node answers {method} with HTTP status {response.status}") from error
    if failed.code == _IN_WARMUP:
        raise Unavailable(f"the node is starting: {failed}")
    raise failed


def _refuse(method: str, error: RpcError) -> NoReturn:
    raise Unavailable(f"the node does not answer {method}: {error}") from error
