"""An Ethereum node over JSON-RPC. Amounts are wei.

Nothing is sent twice by itself: web3's own retries, which would repeat a broadcast, are off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from aiohttp import ClientError, ClientTimeout
from eth_typing import HexStr
from eth_utils.address import to_checksum_address
from web3 import AsyncHTTPProvider, AsyncWeb3
from web3.exceptions import BlockNotFound, TransactionNotFound, Web3Exception, Web3RPCError
from web3.types import BlockIdentifier, RPCEndpoint, RPCResponse

from wallet_core.adapters.chains import multi_send
from wallet_core.domain.chain import GAS_CEILING, Broadcast, Fees, Heights, Identity, Inclusion, Transfer
from wallet_core.domain.errors import Reason, Refused, Unavailable
from wallet_core.domain.multi_send import MultiSend, Results

log = structlog.get_logger(__name__)

#: What nodes say of a transaction that they have: geth, and anvil.
_KNOWN_TEXTS: Final = ("already known", "already imported")
#: The JSON-RPC code with which nodes answer that a call reverted (execution-apis, ``eth_estimateGas``).
_REVERTED: Final = 3
#: What geth and anvil say when the code at an address fails by itself. Anything else is no verdict about a payout.
_FAILS_TEXTS: Final = (
    "execution reverted",
    # anvil's own words: "EVM error StackUnderflow"
    "evm error",
    "invalid opcode",
    "invalid jump destination",
    "stack underflow",
    "stack limit reached",
    "out of gas",
    "gas required exceeds allowance",
    "intrinsic gas too low",
    "write protection",
    "return data out of bounds",
    "max call depth exceeded",
    "gas uint64 overflow",
)

#: A place where no contract is; the call below puts one there for its own duration (geth's state override).
_PROBE: Final = to_checksum_address("0x" + "ba" * 20)
#: Returns the balance of each 20-byte address of the call data as a 32-byte word:
#: for c, m in (0, 0), (20, 32), … while c < CALLDATASIZE: MSTORE(m, BALANCE(CALLDATALOAD(c) >> 96)); RETURN(0, m).
_PROBE_CODE: Final = HexStr("0x5f5f5b36811015601d57803560601c3182526014019060200190600256" + "5b505ff3")
#: About 3,000 gas each (EIP-2929 prices a cold balance at 2,600), so that a call stays below 2^24 gas (EIP-7825).
_ADDRESSES_PER_CALL: Final = 5_000


@asynccontextmanager
async def _answers() -> AsyncIterator[None]:
    """Turns whatever keeps a node from answering into ``Unavailable``."""
    try:
        yield
    except (ClientError, TimeoutError, OSError, Web3Exception, ValueError) as error:
        raise Unavailable(f"the Ethereum node does not answer ({type(error).__name__}: {error})") from error


class _UncancelledProvider(AsyncHTTPProvider):
    """Lets a request go on although whoever asked is cancelled.

    Each request of web3 waits in a thread for a lock. One that is cancelled there leaves the lock taken for good, and
    every later request waits for it without end (web3 8.0, ``async_lock``).
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: The loop itself keeps only weak references.
        self._under_way: set[asyncio.Task[RPCResponse]] = set()

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """See ``AsyncHTTPProvider.make_request``."""
        request = asyncio.create_task(super().make_request(method, params))
        self._under_way.add(request)
        request.add_done_callback(self._under_way.discard)
        return await asyncio.shield(request)


class EthereumNode:
    """One node. Every method but ``broadcast`` raises ``Unavailable`` when it does not answer."""

    def __init__(self, url: str, *, timeout_seconds: float = 10.0) -> None:
        options = {"timeout": ClientTimeout(total=timeout_seconds)}
        self._provider = _UncancelledProvider(url, request_kwargs=options, exception_retry_configuration=None)
        # Its middleware would ask for the chain's id twice before every eth_call.
        self._eth = AsyncWeb3(self._provider, middleware=()).eth

    async def close(self) -> None:
        """Closes its connections."""
        await self._provider.disconnect()

    async def identity(self) -> Identity:
        """Chain id (EIP-155) and the hash of block 0."""
        async with _answers():
            genesis = await self._eth.get_block(0)
            return Identity(str(await self._eth.chain_id), genesis["hash"].to_0x_hex())

    async def syncing(self) -> bool:
        """Whether it is still catching up and knows too little to decide anything."""
        async with _answers():
            return bool(await self._eth.syncing)

    async def heights(self) -> Heights:
        """The newest and the newest final block."""
        async with _answers():
            finalized = await self._finalized()
            newest = await self._eth.get_block("latest")
            return Heights(int(newest["number"]), finalized, newest["hash"].to_0x_hex())

    async def _finalized(self) -> int:
        try:
            return int((await self._eth.get_block("finalized"))["number"])
        except (BlockNotFound, Web3RPCError):
            return -1

    async def block_hash(self, height: int) -> str | None:
        """The hash of the block at a height, None above the newest."""
        async with _answers():
            try:
                return (await self._eth.get_block(height))["hash"].to_0x_hex()
            except BlockNotFound:
                return None

    async def nonce(self, address: str, height: int | None = None) -> int:
        """How many transactions the address had sent in the blocks up to a height, by default the newest."""
        async with _answers():
            return int(await self._eth.get_transaction_count(to_checksum_address(address), _block(height)))

    async def balance(self, address: str, height: int | None = None) -> int:
        """Wei at an address as of a block, by default the newest."""
        async with _answers():
            return int(await self._eth.get_balance(to_checksum_address(address), _block(height)))

    async def balances(self, addresses: Sequence[str], height: int) -> list[int]:
        """Wei at many addresses as of one block, in one call for each 5,000 of them."""
        found: list[int] = []
        for start in range(0, len(addresses), _ADDRESSES_PER_CALL):
            found += await self._probe(addresses[start : start + _ADDRESSES_PER_CALL], height)
        return found

    async def _probe(self, addresses: Sequence[str], height: int) -> list[int]:
        data = HexStr("0x" + "".join(address.removeprefix("0x") for address in addresses))
        async with _answers():
            words = await self._eth.call(
                {"to": _PROBE, "data": data}, _block(height), state_override={_PROBE: {"code": _PROBE_CODE}}
            )
        if len(words) != 32 * len(addresses):
            raise Unavailable("the Ethereum node cannot read many balances at once (eth_call with a state override)")
        return [int.from_bytes(words[at : at + 32]) for at in range(0, len(words), 32)]

    async def fees(self) -> Fees:
        """The newest block's base fee, and the tip that the node suggests, in wei for a unit of gas (EIP-1559)."""
        async with _answers():
            newest = await self._eth.get_block("latest")
            return Fees(int(newest["baseFeePerGas"]), int(await self._eth.max_priority_fee))

    async def gas_for(self, sender: str, to: str, value_minor: int, price_minor: int) -> int | None:
        """The gas that a transfer at this price would use; None when it would fail, or use more than 100,000.

        With the price that is really paid, because code can tell a simulation by a price of nothing. Raises
        ``Refused(NODE_UNCLEAR)`` for an answer that is no verdict, such as a rate limit: unknown is not failed.
        """
        ends = {"from": to_checksum_address(sender), "to": to_checksum_address(to)}
        transfer = {**ends, "value": hex(value_minor), "gas": hex(GAS_CEILING), "gasPrice": hex(price_minor)}
        async with _answers():
            # Not through web3's own method, which takes every error with data for a verdict of the contract.
            answer: Any = await self._provider.make_request(RPCEndpoint("eth_estimateGas"), [transfer])
            if "result" in answer:
                return int(answer["result"], 16)
        error = answer.get("error") or {}
        text = str(error.get("message", "")).lower()
        if error.get("code") == _REVERTED or any(fails in text for fails in _FAILS_TEXTS):
            return None
        raise Refused(Reason.NODE_UNCLEAR, answer=text[:200])

    async def has_multi_send(self, address: str, owner: str, height: int) -> bool:
        """Whether the code at an address, as of a block, is that of the repository with this owner."""
        async with _answers():
            code = await self._eth.get_code(to_checksum_address(address), _block(height))
        return bytes(code) == multi_send.runtime_code(owner)

    async def unpaid(self, sender: str, send: MultiSend, gas: int, price_minor: int) -> tuple[str, ...]:
        """Payouts of a call of the contract, at this price, that it would not pay in the newest block's state.

        Raises ``Refused(NODE_UNCLEAR)`` when the whole call would fail, or nothing clear is answered.
        """
        call = {
            "from": to_checksum_address(sender),
            "to": to_checksum_address(send.contract),
            "value": hex(send.value_minor),
            "data": "0x" + multi_send.call_data(send).hex(),
            "gas": hex(gas),
            "gasPrice": hex(price_minor),
        }
        async with _answers():
            answer: Any = await self._provider.make_request(RPCEndpoint("eth_call"), [call, "latest"])
        try:
            return multi_send.unpaid(send, bytes.fromhex(answer["result"].removeprefix("0x")))
        except (KeyError, ValueError) as error:
            text = str((answer.get("error") or {}).get("message", error))
            raise Refused(Reason.NODE_UNCLEAR, answer=text[:200]) from error

    async def results(self, txid: str, contract: str) -> Results | None:
        """What the contract's events in a transaction tell; None while it is in no block."""
        found = await self._receipt(txid)
        if found is None:
            return None
        return multi_send.results(to_checksum_address(contract), found["blockHash"].to_0x_hex(), found["logs"])

    async def broadcast(self, raw: bytes) -> Broadcast:
        """Hands a signed transaction to the network, once. Whatever went wrong, the outcome is UNKNOWN."""
        try:
            await self._eth.send_raw_transaction(raw)
        except Web3RPCError as error:
            log.info("broadcast_answered", answer=str(error))
            return Broadcast.KNOWN if _says(error, _KNOWN_TEXTS) else Broadcast.UNKNOWN
        except (ClientError, TimeoutError, OSError, Web3Exception, ValueError) as error:
            log.warning("broadcast_unanswered", error=repr(error))
            return Broadcast.UNKNOWN
        return Broadcast.ACCEPTED

    async def known(self, txid: str) -> bool:
        """Whether the node has the transaction, in its pool or in the chain."""
        async with _answers():
            try:
                await self._eth.get_transaction(HexStr(txid))
            except TransactionNotFound:
                return False
            return True

    async def inclusion(self, txid: str) -> Inclusion | None:
        """Where the transaction is in the chain; None while it is in no block."""
        found = await self._receipt(txid)
        if found is None:
            return None
        fee = int(found["gasUsed"]) * int(found["effectiveGasPrice"])
        return Inclusion(txid, int(found["blockNumber"]), found["blockHash"].to_0x_hex(), found["status"] == 1, fee)

    async def _receipt(self, txid: str) -> Any:
        async with _answers():
            try:
                return await self._eth.get_transaction_receipt(HexStr(txid))
            except TransactionNotFound:
                return None

    async def transfers(self, height: int) -> list[Transfer]:
        """The transactions of a block that carry ether. Transfers inside contracts are not among them."""
        async with _answers():
            block: Any = await self._eth.get_block(height, full_transactions=True)
        where = datetime.fromtimestamp(block["timestamp"], UTC), height, block["hash"].to_0x_hex()
        carrying = (tx for tx in block["transactions"] if tx.get("to") and tx["value"])
        return [
            Transfer(tx["hash"].to_0x_hex(), to_checksum_address(tx["to"]), int(tx["value"]), *where) for tx in carrying
        ]


def _block(height: int | None) -> BlockIdentifier:
    return "latest" if height is None else HexStr(hex(height))


def _says(error: Web3RPCError, texts: Sequence[str]) -> bool:
    said = str(error).lower()
    return any(text in said for text in texts)
