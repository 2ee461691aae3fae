"""One anvil: how it is called, and its JSON-RPC.

The amounts of this file are wei. anvil answers before it has mined, so `mine` waits until the height says so.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from bot.sandbox.waiting import wait_until_answered

CHAIN_ID = 31337
HOST = "127.0.0.1"
_POLL_SECONDS = 0.02
_MINE_TIMEOUT_SECONDS = 30.0


class AnvilError(RuntimeError):
    """The node answered with an error."""


class AnvilAbsentError(AnvilError):
    """The node does not answer at all."""


@dataclass(frozen=True)
class AnvilOptions:
    """Where it listens, whether it mines each transaction by itself, and the file that keeps its chain.

    The file is written every second: after a SIGKILL the node comes back with a chain that is up to a second old.
    """

    port: int
    state_file: Path | None = None
    automine: bool = True


def command_line(binary: Path, options: AnvilOptions) -> list[str]:
    """The argument list; the rules are mainnet's since Osaka (EIP-7825 caps a transaction at 2^24 gas)."""
    keep = ["--state", str(options.state_file), "--state-interval", "1"] if options.state_file else []
    return [
        str(binary),
        *("--host", HOST, "--port", str(options.port), "--chain-id", str(CHAIN_ID), "--silent", "--no-cors"),
        *("--hardfork", "osaka", "--enable-tx-gas-limit", "--slots-in-an-epoch", "1"),
        *([] if options.automine else ["--no-mining"]),
        *keep,
    ]


class AnvilRpc:
    """The calls that the sandbox and the tests make."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.AsyncClient(timeout=30.0, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def call(self, method: str, *parameters: Any) -> Any:
        """One JSON-RPC call; raises `AnvilError` with the node's words, or `AnvilAbsentError`."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        try:
            answer = (await self._http.post(self.url, json=body)).json()
        except (httpx.HTTPError, ValueError) as error:
            raise AnvilAbsentError(f"no answer from {self.url}") from error
        if "error" in answer:
            raise AnvilError(f"{method}: {answer['error'].get('message', answer['error'])}")
        return answer["result"]

    async def wait_until_up(self, timeout_seconds: float = 20.0) -> None:
        """Returns when the node answers; raises `AnvilAbsentError` if it does not in time."""
        await wait_until_answered(self.height, AnvilAbsentError, timeout_seconds)

    async def height(self) -> int:
        """The number of the newest block."""
        return int(await self.call("eth_blockNumber"), 16)

    async def mine(self, blocks: int = 1) -> int:
        """Mines blocks and returns the new height."""
        wanted = await self.height() + blocks
        await self.call("anvil_mine", hex(blocks))
        deadline = time.monotonic() + _MINE_TIMEOUT_SECONDS
        while (height := await self.height()) < wanted:
            if time.monotonic() > deadline:
                raise AnvilError(f"still at block {height} after {_MINE_TIMEOUT_SECONDS:g} s, wanted {wanted}")
            await asyncio.sleep(_POLL_SECONDS)
        return height

    async def reorganise(self, depth: int) -> None:
        """Replaces the newest `depth` blocks by empty ones; their transactions are gone from chain and pool."""
        await self.call("anvil_reorg", depth, [])

    async def balance(self, address: str, block: int | None = None) -> int:
        """Wei at an address, now or as of a block."""
        return int(await self.call("eth_getBalance", address, "latest" if block is None else hex(block)), 16)

    async def set_balance(self, address: str, wei: int) -> None:
        """Puts wei on an address out of thin air, without any transaction."""
        await self.call("anvil_setBalance", address, hex(wei))

    async def send(self, address: str, wei: int) -> str:
        """Sends wei from the node's first rich account and returns the transaction's hash."""
        rich = (await self.call("eth_accounts"))[0]
        return str(await self.call("eth_sendTransaction", {"from": rich, "to": address, "value": hex(wei)}))

    async def pending_count(self) -> int:
        """How many transactions wait for the next block."""
        return int((await self.call("txpool_status"))["pending"], 16)
