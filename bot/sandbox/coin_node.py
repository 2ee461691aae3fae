"""One bitcoind or litecoind on regtest: how it is called, and its JSON-RPC.

Amounts are in minor units (10^-8 of a coin). Blocks come only when somebody mines them.
"""

import asyncio
import json
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote

from bot.sandbox.waiting import wait_until_answered
from wallet_core.adapters.chains.node_server import NO_ANSWER, Answer, NodeServer

HOST: Final = "127.0.0.1"
#: User and password of the nodes' RPC: worth nothing, since they listen on loopback and hold play money.
RPC_USER: Final = "wallet"
RPC_PASSWORD: Final = "wallet"  # noqa: S105 - worth nothing
MINOR_PER_COIN: Final = 10**8
#: A coinbase may be spent once 100 blocks are on top of it (Bitcoin Core, ``COINBASE_MATURITY``).
COINBASE_MATURITY: Final = 100
#: What the newest so many blocks of an invalidated branch held goes back to the pool, what lies deeper does not
#: (Bitcoin Core, ``Chainstate::InvalidateBlock``).
RETURNED_BLOCKS: Final = 10
_FAUCET: Final = "faucet"
_TIMEOUT_SECONDS: Final = 60.0
#: The faucet pays 10 minor units per virtual byte (RPC ``fundrawtransaction``, in coins per 1000 virtual bytes).
_FAUCET_FEE: Final = "0.0001"
_FAUCET_SPARE_MINOR: Final = MINOR_PER_COIN // 100
#: Subsidies halve every 150 blocks on regtest, so a faucet that is too poor after so many times 10 will not get rich.
_FILLS_MAX: Final = 50
_NOT_FOUND, _ALREADY_LOADED, _WARMING_UP = -18, -35, -28


class CoinNodeError(RuntimeError):
    """The node answered with an error; ``code`` is one of Bitcoin Core's ``rpc/protocol.h``, 0 if it gave none."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class CoinNodeAbsentError(CoinNodeError):
    """The node does not answer, or is still starting."""


@dataclass(frozen=True)
class CoinNodeOptions:
    """Which chain (``btc`` or ``ltc``), where it keeps its files and listens, and whom it connects to.

    ``listen_port`` 0: it takes no connections from other nodes. ``peers`` are their ports on loopback.
    """

    chain: str
    folder: Path
    rpc_port: int
    listen_port: int = 0
    peers: tuple[int, ...] = ()

    @property
    def url(self) -> str:
        """Where its RPC answers."""
        return f"http://{HOST}:{self.rpc_port}"


def command_line(binary: Path, options: CoinNodeOptions) -> list[str]:
    """The argument list. The folder must exist; the log goes to the standard output.

    Wallets broadcast nothing by themselves, as the payout protocol asks. Litecoin's MWEB is never activated: its blocks
    would need a peg-in from 432 on (Litecoin Core, ``-vbparams``).
    """
    listen = ("-listen=1", f"-bind={HOST}:{options.listen_port}") if options.listen_port else ("-listen=0",)
    return [
        str(binary),
        *("-regtest", f"-datadir={options.folder}", "-server=1", "-printtoconsole=1", "-nodebuglogfile"),
        *(f"-rpcbind={HOST}", f"-rpcallowip={HOST}", f"-rpcport={options.rpc_port}", "-rpcservertimeout=2"),
        *(f"-rpcuser={RPC_USER}", f"-rpcpassword={RPC_PASSWORD}"),
        *(*listen, "-connect=0", "-dnsseed=0", "-discover=0", "-listenonion=0"),
        *(f"-addnode={HOST}:{port}" for port in options.peers),
        *("-txindex=1", "-fallbackfee=0.0001", "-walletbroadcast=0", "-keypool=20", "-dbcache=16"),
        *(["-vbparams=mweb:-2:-2"] if options.chain == "ltc" else []),
        *(["-softwareexpiry=0", "-corepolicy=1"] if options.chain == "btc" and _is_knots(binary) else []),
    ]


@cache
def _is_knots(binary: Path) -> bool:
    said = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=60, check=False)
    return "Knots" in said.stdout


class CoinNodeRpc:
    """The calls that the sandbox and the tests make. Its faucet is a wallet of the node that fills itself by mining."""

    def __init__(self, url: str, user: str = RPC_USER, password: str = RPC_PASSWORD) -> None:
        self.url = url
        self._server = NodeServer(url, user, password)
        self._faucet_turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Nothing stays open between two requests."""

    async def call(self, method: str, *params: Any, wallet: str = "") -> Any:
        """One JSON-RPC call, to a wallet of the node where one is named; numbers with a point come back as `Decimal`.

        Raises `CoinNodeError` with the node's words and code, or `CoinNodeAbsentError`.
        """
        path = f"/wallet/{quote(wallet, safe='')}" if wallet else ""
        body = json.dumps({"jsonrpc": "1.0", "id": 1, "method": method, "params": params}, default=str)
        try:
            answer = await self._server.post(path, body.encode(), _TIMEOUT_SECONDS)
        except NO_ANSWER as error:
            raise CoinNodeAbsentError(f"no answer from {self.url}") from error
        return _result(method, answer)

    async def wait_until_up(self, timeout_seconds: float = 30.0) -> None:
        """Returns when the node answers; raises `CoinNodeAbsentError` if it does not in time."""
        await wait_until_answered(self.height, CoinNodeAbsentError, timeout_seconds)

    async def height(self) -> int:
        """The number of the newest block."""
        return int(await self.call("getblockcount"))

    async def pending_count(self) -> int:
        """How many transactions wait for the next block."""
        return int((await self.call("getmempoolinfo"))["size"])

    async def mine(self, blocks: int = 1, address: str = "") -> int:
        """Mines blocks, for the faucet if no address is given, and returns the new height."""
        await self.call("generatetoaddress", blocks, address or await self._faucet_address())
        return await self.height()

    async def mine_empty(self, blocks: int = 1) -> int:
        """Mines blocks without any of the waiting transactions, and returns the new height."""
        address = await self._faucet_address()
        for _ in range(blocks):
            await self.call("generateblock", address, [])
        return await self.height()

    async def send(self, address: str, amount_minor: int, copies: int = 1) -> str:
        """Pays an address out of the faucet, in so many outputs of this amount each (252 at most); returns the txid.

        Nothing is mined unless the faucet is too poor, and then it mines empty blocks, so what waits goes on waiting.
        Raises `CoinNodeError` for an amount that the node holds for dust, and for one that the faucet cannot get.
        """
        async with self._faucet_turn:
            await self._fill(amount_minor * copies + _FAUCET_SPARE_MINOR)
            amount = Decimal(amount_minor).scaleb(-8)
            single = str(await self.call("createrawtransaction", [], [{address: f"{amount:f}"}]))
            # Version, no input, one output, lock time: the RPC lists no address twice, so its output is repeated here.
            version, output, lock_time = single[:8], single[12:-8], single[-8:]
            unfunded = f"{version}00{copies:02x}{output * copies}{lock_time}"
            fee = {"feeRate": _FAUCET_FEE, "change_type": "bech32"}
            funded = await self.call("fundrawtransaction", unfunded, fee, False, wallet=_FAUCET)
            signed = await self.call("signrawtransactionwithwallet", funded["hex"], wallet=_FAUCET)
            return str(await self.call("sendrawtransaction", signed["hex"]))

    async def save(self) -> None:
        """Writes chain and pool to the disk: a SIGKILL afterwards costs neither. By itself the node does it hourly."""
        await self.call("gettxoutsetinfo", "none")
        # Refused while the pool is still being read after a start.
        with suppress(CoinNodeError):
            await self.call("savemempool")

    async def reorganise(self, depth: int, *, forget: bool = False) -> int:
        """Replaces the newest `depth` blocks by empty ones, one more than there were, and returns the new height.

        What the replaced blocks paid goes back to the pool of this node, and into the next block that is mined, if
        the replaced blocks are among the newest 10. With `forget` it is in no pool any more: empty blocks are first
        mined on top and replaced too, so the new branch is longer than the old one by 11.
        """
        first = await self.height() - depth + 1
        replaced = depth + RETURNED_BLOCKS if forget else depth
        if forget:
            await self.mine_empty(RETURNED_BLOCKS)
        await self.call("invalidateblock", await self.call("getblockhash", first))
        return await self.mine_empty(replaced + 1)

    async def _fill(self, wanted_minor: int) -> None:
        if await self._faucet_minor() < wanted_minor:
            await self._abandon_lost()
        for blocks in (0, COINBASE_MATURITY + 1, *(10 for _ in range(_FILLS_MAX))):
            await self.mine_empty(blocks)
            if await self._faucet_minor() >= wanted_minor:
                return
        raise CoinNodeError("the faucet has no more than a few thousand coins: on regtest the subsidy halves soon")

    async def _abandon_lost(self) -> None:
        """Takes back what payments hold that are in no block and, after a SIGKILL or a reorganisation, in no pool."""
        pool = set(await self.call("getrawmempool"))
        for entry in await self.call("listtransactions", "*", 1000, wallet=_FAUCET):
            is_lost = entry["category"] == "send" and entry["confirmations"] == 0 and not entry["abandoned"]
            if is_lost and entry["txid"] not in pool:
                await self.call("abandontransaction", entry["txid"], wallet=_FAUCET)

    async def _faucet_minor(self) -> int:
        await self._open_faucet()
        return int((await self.call("getbalance", wallet=_FAUCET)).scaleb(8))

    async def _faucet_address(self) -> str:
        await self._open_faucet()
        return str(await self.call("getnewaddress", "", "bech32", wallet=_FAUCET))

    async def _open_faucet(self) -> None:
        """Loads the faucet's wallet after a start of the node; makes it at the first one."""
        if _FAUCET in await self.call("listwallets"):
            return
        try:
            await self.call("loadwallet", _FAUCET)
        except CoinNodeError as error:
            if error.code == _NOT_FOUND:
                await self.call("createwallet", _FAUCET)
            elif error.code != _ALREADY_LOADED:
                raise


def _result(method: str, answered: Answer) -> Any:
    try:
        answer = json.loads(answered.body, parse_float=Decimal)
    except ValueError as error:
        # Without JSON it is the HTTP server's own word: 401, or 503 while its queue is full.
        kind = CoinNodeAbsentError if answered.status == HTTPStatus.SERVICE_UNAVAILABLE else CoinNodeError
        raise kind(f"{method}: HTTP status {answered.status}") from error
    problem = answer.get("error")
    if problem is None:
        return answer["result"]
    kind = CoinNodeAbsentError if problem["code"] == _WARMING_UP else CoinNodeError
    raise kind(f"{method}: {problem['message']}", problem["code"])
