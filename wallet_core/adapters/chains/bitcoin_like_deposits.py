"""Deposits on a node of Bitcoin or Litecoin: its watch-only wallet follows a range of addresses and lists what came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from wallet_core.adapters.chains.bitcoin_like_rpc import (
    INVALID_ADDRESS_OR_KEY,
    INVALID_PARAMETER,
    BitcoinLikeRpc,
    RpcError,
    RpcWallet,
    minor,
)
from wallet_core.domain.chain import Arrival, Arrivals, Standing, Whereabouts
from wallet_core.domain.errors import Unavailable

log = structlog.get_logger(__name__)

_WATCH_ONLY: Final = True
_WITH_REMOVED: Final = True
#: A payment out of our own wallet to one of its addresses would pass for change (Bitcoin Core 24 and later).
_WITH_CHANGE: Final = True
#: New coins of a miner's, and all that came.
_COINBASE: Final = ("generate", "immature")
_CAME: Final = ("receive", *_COINBASE)
#: The label of the last address of a range that the wallet follows, with its past, and of one whose past it has seen
#: up to a block.
_WATCHED: Final = "itd-watched"
_SEEN: Final = "itd-seen-to-"
_BLOCKS_AT_ONCE: Final = 1_000
_SCAN_TIMEOUT_SECONDS: Final = 900.0
_LIST_TIMEOUT_SECONDS: Final = 120.0


class BitcoinLikeDeposits:
    """One wallet of one node. Every method raises ``Unavailable`` when it does not answer."""

    def __init__(self, rpc: BitcoinLikeRpc, wallet: RpcWallet) -> None:
        self._rpc = rpc
        self._wallet = wallet
        self._has_descriptors: bool | None = None

    async def watch_range(self, descriptor: str, first: int, last: int, address: str, since: int | None) -> None:
        """Has the wallet follow addresses of an output descriptor, of which ``address`` is the last.

        With ``since`` it looks through the blocks from there on, a part at each call, and raises ``Unavailable`` until
        it has. Done once, harmless again. Raises it too for a wallet that makes other addresses than we do.
        """
        await self._wallet.load_or_make()
        known = await self._wallet.ask("getaddressinfo", address)
        if _WATCHED in known["labels"]:
            return
        if not _is_followed(known):
            await self._import(descriptor, first, last)
            if not _is_followed(await self._wallet.ask("getaddressinfo", address)):
                raise Unavailable(f"the node's wallet does not know {address} as number {last} of {descriptor}")
        if since is not None:
            seen = (int(label.removeprefix(_SEEN)) for label in known["labels"] if label.startswith(_SEEN))
            await self._look_through_past(address, max(since, next(seen, -1) + 1))
        await self._wallet.ask("setlabel", address, _WATCHED)

    async def arrivals(self, since: str) -> Arrivals:
        """What came to watched addresses after a block, by its hash, and all that is in no block (``listsinceblock``).

        Where that block has left the chain it is what came after the last block before it that is still there, and what
        was in the blocks that left.
        """
        with_change = (_WITH_CHANGE,) if await self._of_descriptors() else ()
        listed = await self._wallet.ask(
            "listsinceblock", since, 1, _WATCH_ONLY, _WITH_REMOVED, *with_change, timeout_seconds=_LIST_TIMEOUT_SECONDS
        )
        header = await self._rpc.ask("getblockheader", listed["lastblock"])
        came = [e for e in (*listed["transactions"], *listed.get("removed", ())) if e["category"] in _CAME]
        return Arrivals(tuple(_once(came)), int(header["height"]), str(listed["lastblock"]))

    async def whereabouts(self, txid: str, index: int) -> Whereabouts:
        """Where a transaction that pays a watched address is now; ``index`` is that of its output."""
        if await self._waits(txid):
            # Most do that are asked about: so it is one call for each of them whenever the pool has changed.
            return Whereabouts(Standing.WAITING)
        try:
            found = await self._wallet.call("gettransaction", txid, _WATCH_ONLY, True)
        except RpcError as error:
            if error.code != INVALID_ADDRESS_OR_KEY:
                raise Unavailable(f"the node does not answer: {error}") from error
            return Whereabouts(Standing.UNKNOWN)
        if found["confirmations"] > 0:
            return await self._mined(int(found["blockheight"]), str(found["blockhash"]), int(found["blocktime"]))
        if await self._rpc.ask("gettxout", txid, index, False) is not None:
            # The chain has it, and the wallet has not heard of that block yet.
            return Whereabouts(Standing.UNKNOWN)
        if found["confirmations"] < 0:
            return Whereabouts(Standing.GONE)
        return Whereabouts(await self._standing_outside(txid, found["decoded"]["vin"]))

    async def pool_mark(self) -> str:
        """Another text whenever the pool has changed, as far as that can be told cheaply."""
        info = await self._rpc.ask("getmempoolinfo")
        return ":".join(str(info.get(name, "")) for name in ("size", "bytes", "usage", "total_fee"))

    async def _mined(self, height: int, block_hash: str, time: int) -> Whereabouts:
        """The wallet hears of blocks that left the chain a little later than the chain does."""
        try:
            in_chain = await self._rpc.call("getblockhash", height) == block_hash
        except RpcError as error:
            if error.code != INVALID_PARAMETER:
                raise Unavailable(f"the node does not answer: {error}") from error
            in_chain = False
        mined = Whereabouts(Standing.MINED, height, block_hash, datetime.fromtimestamp(time, UTC))
        return mined if in_chain else Whereabouts(Standing.UNKNOWN)

    async def _waits(self, txid: str) -> bool:
        try:
            await self._rpc.call("getmempoolentry", txid)
        except RpcError as error:
            if error.code != INVALID_ADDRESS_OR_KEY:
                raise Unavailable(f"the node does not answer: {error}") from error
            return False
        return True

    async def _standing_outside(self, txid: str, inputs: Iterable[dict[str, Any]]) -> Standing:
        """Of a transaction in no block: one whose coins something else spends, in the pool or the chain, is gone."""
        if await self._waits(txid):
            return Standing.WAITING
        for spent in inputs:
            if "txid" not in spent or await self._rpc.ask("gettxout", spent["txid"], spent["vout"], True) is None:
                return Standing.GONE
        return Standing.FORGOTTEN

    async def _import(self, descriptor: str, first: int, last: int) -> None:
        """A wallet of descriptors has one range that begins at 0 and widens it; an older one takes single keys."""
        described = (await self._rpc.ask("getdescriptorinfo", descriptor))["descriptor"]
        # What nobody has used yet has no past; that of a wallet which was lost is looked through afterwards.
        request = {"desc": described, "range": [0, last], "timestamp": "now", "internal": False}
        if await self._of_descriptors():
            asked = self._wallet.ask("importdescriptors", [request], timeout_seconds=_SCAN_TIMEOUT_SECONDS)
        else:
            keys = {**request, "range": [first, last], "watchonly": True, "keypool": False}
            options = {"rescan": False}
            asked = self._wallet.ask("importmulti", [keys], options, timeout_seconds=_SCAN_TIMEOUT_SECONDS)
        (done,) = await asked
        if not done["success"]:
            raise Unavailable(f"the node's wallet does not watch the deposits: {done['error']['message']}")

    async def _of_descriptors(self) -> bool:
        if self._has_descriptors is None:
            self._has_descriptors = bool((await self._wallet.ask("getwalletinfo")).get("descriptors"))
        return self._has_descriptors

    async def _look_through_past(self, address: str, start: int) -> None:
        newest = (await self._rpc.ask("getblockchaininfo"))["blocks"]
        if start > newest:
            return
        last = min(start + _BLOCKS_AT_ONCE - 1, newest)
        await self._wallet.ask("rescanblockchain", start, last, timeout_seconds=_SCAN_TIMEOUT_SECONDS)
        log.info("wallet_looks_through_past", address=address, block=last, newest=newest)
        await self._wallet.ask("setlabel", address, f"{_SEEN}{last}")
        if last < newest:
            raise Unavailable(f"the node's wallet looks through its past: block {last} of {newest}")


def _is_followed(known: dict[str, Any]) -> bool:
    return bool(known["ismine"] or known["iswatchonly"])


def _once(entries: Iterable[dict[str, Any]]) -> Iterable[Arrival]:
    """Each output once: what stands in a block that left the chain may stand in another one as well."""
    return {(entry["txid"], entry["vout"]): _arrival(entry) for entry in reversed(list(entries))}.values()


def _arrival(entry: dict[str, Any]) -> Arrival:
    mined = entry["confirmations"] > 0
    return Arrival(
        txid=str(entry["txid"]),
        index=int(entry["vout"]),
        address=str(entry["address"]),
        value_minor=minor(abs(entry["amount"])),
        at=datetime.fromtimestamp(int(entry["time"]), UTC),
        height=int(entry["blockheight"]) if mined else None,
        block_hash=str(entry["blockhash"]) if mined else None,
        mined_at=datetime.fromtimestamp(int(entry["blocktime"]), UTC) if mined else None,
        is_coinbase=entry["category"] in _COINBASE,
    )
