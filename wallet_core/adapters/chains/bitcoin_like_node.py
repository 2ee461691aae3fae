"""A node of Bitcoin or Litecoin with a watch-only wallet, over JSON-RPC. Amounts are satoshi.

It never asks which of the two it speaks to: what differs, it asks the node.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final, Self

import structlog

from wallet_core.adapters.chains.bitcoin_like_deposits import BitcoinLikeDeposits
from wallet_core.adapters.chains.bitcoin_like_rpc import (
    ALREADY_IN_CHAIN,
    INVALID_ADDRESS_OR_KEY,
    INVALID_PARAMETER,
    WALLET_NOT_FOUND,
    BitcoinLikeRpc,
    RpcError,
    RpcWallet,
    minor,
)
from wallet_core.domain.chain import Broadcast, FeeRates, Heights, Identity, Inclusion, Utxo
from wallet_core.domain.errors import Unavailable
from wallet_core.settings import BitcoinLikeSettings

log = structlog.get_logger(__name__)

#: What nodes say of a transaction that they have (Bitcoin Core, ``validation.cpp`` and ``node/transaction.cpp``).
_KNOWN_TEXTS: Final = ("txn-already-in-mempool", "txn-already-known", "already in block chain", "already in utxo set")
#: The estimate is for a transaction that is mined within so many blocks.
_TARGET_BLOCKS: Final = 6
_VBYTES_PER_KVB: Final = 1_000
#: No limit on the fee: ours is in the code that signs.
_ANY_FEE_RATE: Final = 0
_MAX_CONFIRMATIONS: Final = 9_999_999
_WATCH_ONLY: Final = True
#: The label of an address whose whole past the wallet has seen, and of one of which it has seen it up to a block.
_WATCHED: Final = "itd-watched"
_SEEN: Final = "itd-seen-to-"
#: So much of the past is looked through at once; what was, is not looked through again after a crash.
_BLOCKS_AT_ONCE: Final = 1_000
_SCAN_TIMEOUT_SECONDS: Final = 900.0
#: All that a wallet ever sent can be many entries: one for each output.
_LIST_TIMEOUT_SECONDS: Final = 120.0
_LOOKS: Final = 5


class BitcoinLikeNode(BitcoinLikeDeposits):
    """One node. Every method but ``broadcast`` raises ``Unavailable`` when it does not answer."""

    def __init__(self, url: str, user: str, password: str, wallet: str, *, timeout_seconds: float = 10.0) -> None:
        rpc = BitcoinLikeRpc(url, user, password, timeout_seconds=timeout_seconds)
        super().__init__(rpc, RpcWallet(rpc, wallet))

    @classmethod
    def of(cls, settings: BitcoinLikeSettings) -> Self:
        """The node of one chain's settings."""
        password = settings.rpc_password.get_secret_value()
        return cls(settings.rpc_url, settings.rpc_user, password, settings.rpc_wallet)

    async def close(self) -> None:
        """Closes its connections."""
        await self._rpc.close()

    async def identity(self) -> Identity:
        """The network's name and the hash of block 0."""
        info = await self._rpc.ask("getblockchaininfo")
        return Identity(info["chain"], await self._rpc.ask("getblockhash", 0))

    async def version(self) -> int:
        """The program's version as one number: 290000 for 29.0, 210504 for 0.21.5.4."""
        return int((await self._rpc.ask("getnetworkinfo"))["version"])

    async def syncing(self) -> bool:
        """Whether it is still catching up and knows too little to decide anything."""
        info = await self._rpc.ask("getblockchaininfo")
        return bool(info["initialblockdownload"]) or info["headers"] > info["blocks"]

    async def heights(self) -> Heights:
        """The newest block. The node calls none final: the depth on top of one decides."""
        info = await self._rpc.ask("getblockchaininfo")
        return Heights(info["blocks"], info["blocks"], info["bestblockhash"])

    async def block_hash(self, height: int) -> str | None:
        """The hash of the block at a height, None above the newest."""
        try:
            return str(await self._rpc.call("getblockhash", height))
        except RpcError as error:
            _refuse_unless(INVALID_PARAMETER, error)
            return None

    async def broadcast(self, raw: bytes) -> Broadcast:
        """Hands a signed transaction to the network, once. Whatever went wrong, the outcome is UNKNOWN.

        ``-25`` too: that is what a node says of a transaction that was mined and whose outputs are all spent.
        """
        try:
            await self._rpc.call("sendrawtransaction", raw.hex(), _ANY_FEE_RATE)
        except RpcError as error:
            log.info("broadcast_answered", answer=str(error))
            return Broadcast.KNOWN if _says_known(error) else Broadcast.UNKNOWN
        except Unavailable as unavailable:
            log.warning("broadcast_unanswered", error=str(unavailable))
            return Broadcast.UNKNOWN
        return Broadcast.ACCEPTED

    async def known(self, txid: str) -> bool:
        """Whether the node has the transaction, in its pool or in the chain."""
        try:
            await self._rpc.call("getmempoolentry", txid)
        except RpcError as error:
            _refuse_unless(INVALID_ADDRESS_OR_KEY, error)
            return await self.inclusion(txid) is not None
        return True

    async def inclusion(self, txid: str) -> Inclusion | None:
        """Where a transaction of a watched address is in the chain; None while it is in no block."""
        try:
            found = await self._wallet.call("gettransaction", txid, _WATCH_ONLY)
        except RpcError as error:
            _refuse_unless(INVALID_ADDRESS_OR_KEY, error)
            return None
        if found["confirmations"] <= 0:
            return None
        height, block_hash = int(found["blockheight"]), str(found["blockhash"])
        # The wallet hears of blocks a little later than the chain has them, and of those that left it as well.
        return Inclusion(txid, height, block_hash) if await self.block_hash(height) == block_hash else None

    async def utxos(self, address: str) -> list[Utxo]:
        """The unspent outputs of a watched address, those in no block yet among them.

        Nodes give confirmations, not heights; the tip must be the same before and after, or all would be off by one.
        """
        for _ in range(_LOOKS):
            before = await self.heights()
            found = await self._wallet.ask("listunspent", 0, _MAX_CONFIRMATIONS, [address], True)
            if await self.heights() == before:
                return [_utxo(entry, before.latest) for entry in found]
        raise Unavailable("blocks come faster than the node's wallet can be read")

    async def fee_rates(self) -> FeeRates:
        """What a virtual byte costs for a transaction that is mined within six blocks, and what the node relays."""
        estimate = await self._rpc.ask("estimatesmartfee", _TARGET_BLOCKS)
        pool, network = await self._rpc.ask("getmempoolinfo"), await self._rpc.ask("getnetworkinfo")
        least, increment = max(pool["mempoolminfee"], pool["minrelaytxfee"]), network["incrementalfee"]
        market = _per_vbyte(estimate["feerate"]) if "feerate" in estimate else None
        return FeeRates(market, _per_vbyte(least), _per_vbyte(increment))

    async def refusal(self, raw: bytes) -> str | None:
        """Why the node would not take a transaction into its pool now; None when it would."""
        (verdict,) = await self._rpc.ask("testmempoolaccept", [raw.hex()], _ANY_FEE_RATE)
        return None if verdict["allowed"] else str(verdict["reject-reason"])

    async def spender(self, utxo: str) -> Inclusion | None:
        """The transaction in the chain that spends an output of a watched address; None while there is none."""
        txid, _, index = utxo.partition(":")
        if await self._rpc.ask("gettxout", txid, int(index), False) is not None:
            return None
        made = await self.inclusion(txid)
        if made is None:
            return None
        for candidate in await self._sent_since(made.height):
            found = await self._wallet.ask("gettransaction", candidate, _WATCH_ONLY, True)
            if any(_outpoint(spent) == utxo for spent in found["decoded"]["vin"]):
                return await self.inclusion(candidate)
        return None

    async def _sent_since(self, height: int) -> Sequence[str]:
        """The wallet's transactions from a block on that spend something of ours. Block 0 has none."""
        before = await self.block_hash(height - 1)
        listed = await self._wallet.ask("listsinceblock", before, 1, _WATCH_ONLY, False)
        entries = listed["transactions"]
        return list(dict.fromkeys(e["txid"] for e in entries if e["category"] == "send" and e["confirmations"] > 0))

    async def sends(self, since: str | None) -> list[str]:
        """Hashes of the wallet's transactions after a block (None: all) that spend something of ours, mined or not."""
        listed = await self._wallet.ask(
            "listsinceblock", since, 1, _WATCH_ONLY, False, timeout_seconds=_LIST_TIMEOUT_SECONDS
        )
        return list(dict.fromkeys(e["txid"] for e in listed["transactions"] if e["category"] == "send"))

    async def watches(self, address: str) -> bool:
        """Whether the wallet is there and has seen the whole past of an address."""
        try:
            return _WATCHED in (await self._wallet.call("getaddressinfo", address))["labels"]
        except RpcError as error:
            _refuse_unless(WALLET_NOT_FOUND, error)
            return False

    async def watch(self, address: str) -> None:
        """Has the wallet follow an address from the chain's first block on, and makes the wallet if need be.

        Done once: it comes back when the past was looked through, which takes hours on a long chain.
        """
        await self._wallet.load_or_make()
        known = await self._wallet.ask("getaddressinfo", address)
        if _WATCHED in known["labels"]:
            return
        if not (known["ismine"] or known["iswatchonly"]):
            await self._follow(address)
        seen = (int(label.removeprefix(_SEEN)) for label in known["labels"] if label.startswith(_SEEN))
        await self._look_through_whole_past(address, next(seen, -1) + 1)

    async def _follow(self, address: str) -> None:
        """From the newest block on. A later one cannot be older than its median time, so none is passed over."""
        since = (await self._rpc.ask("getblockchaininfo"))["mediantime"]
        if (await self._wallet.ask("getwalletinfo"))["descriptors"]:
            described = (await self._rpc.ask("getdescriptorinfo", f"addr({address})"))["descriptor"]
            method, request = "importdescriptors", {"desc": described, "timestamp": since}
        else:
            request = {"scriptPubKey": {"address": address}, "timestamp": since, "watchonly": True}
            method = "importmulti"
        (done,) = await self._wallet.ask(method, [request], timeout_seconds=_SCAN_TIMEOUT_SECONDS)
        if not done["success"]:
            raise Unavailable(f"the node's wallet does not watch {address}: {done['error']['message']}")

    async def _look_through_whole_past(self, address: str, start: int) -> None:
        newest = (await self.heights()).latest
        for first in range(start, newest + 1, _BLOCKS_AT_ONCE):
            last = min(first + _BLOCKS_AT_ONCE - 1, newest)
            await self._wallet.ask("rescanblockchain", first, last, timeout_seconds=_SCAN_TIMEOUT_SECONDS)
            log.info("wallet_looks_through_past", address=address, block=last, newest=newest)
            await self._wallet.ask("setlabel", address, f"{_SEEN}{last}")
        await self._wallet.ask("setlabel", address, _WATCHED)


def _refuse_unless(expected: int, error: RpcError) -> None:
    """An error of this code says that there is no such thing; any other is no answer."""
    if error.code != expected:
        raise Unavailable(f"the node does not answer: {error}") from error


def _says_known(error: RpcError) -> bool:
    return error.code == ALREADY_IN_CHAIN or any(text in error.message.lower() for text in _KNOWN_TEXTS)


def _utxo(entry: dict[str, Any], tip: int) -> Utxo:
    confirmations = int(entry["confirmations"])
    height = tip - confirmations + 1 if confirmations else None
    return Utxo(entry["txid"], int(entry["vout"]), minor(entry["amount"]), height)


def _outpoint(spent: dict[str, Any]) -> str:
    """Of an input; one that makes new coins spends nothing."""
    return f"{spent['txid']}:{spent['vout']}" if "txid" in spent else ""


def _per_vbyte(coins_per_kvb: Decimal) -> int:
    """Satoshi per virtual byte, rounded up."""
    return int((coins_per_kvb.scaleb(8) / _VBYTES_PER_KVB).to_integral_value(ROUND_CEILING))
