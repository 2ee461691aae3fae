"""The chains of the sandbox's world: ether on anvil; bitcoin and litecoin are said to be off.

A block comes every few seconds, as on a real chain. While nothing happens for a while the pace drops to a block a
minute, or the chain of a sandbox that is left running would grow by 43,000 blocks a day, and anvil with it.
"""

import asyncio
import re
import time
from contextlib import suppress
from decimal import Decimal, localcontext
from typing import Any

from eth_utils.address import is_address

from bot.sandbox.anvil import AnvilAbsentError, AnvilError, AnvilRpc
from bot.sandbox.world import HookError

Json = dict[str, Any]
WEI_PER_ETHER = 10**18
#: The faucet never runs dry: below this much it is filled up before it pays (wei).
FAUCET_LEVEL_WEI = 1_000_000 * WEI_PER_ETHER
#: After so many blocks without a transaction the pace drops.
BUSY_BLOCKS = 90
IDLE_BLOCK_SECONDS = 60.0
#: `received` looks no deeper than this.
CONFIRMATIONS_MAX = 30
NOT_YET = {
    "btc": "bitcoin is not part of this version; buy and withdraw in ether",
    "ltc": "litecoin is not part of this version; buy and withdraw in ether",
}
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,18})?", re.ASCII)


def wei_of(amount: str) -> int:
    """Wei of a decimal text in ether; raises `HookError` for anything else than 1 wei to 10^9 ether."""
    if not _AMOUNT.fullmatch(amount):
        raise HookError('an amount is a decimal number in ether with at most 18 decimals, such as "0.015"')
    with localcontext(prec=60):
        wei = int(Decimal(amount) * WEI_PER_ETHER)
    if wei == 0:
        raise HookError("an amount must be more than nothing")
    return wei


def ether_of(wei: int) -> str:
    """The exact decimal text in ether, without trailing zeros."""
    whole, rest = divmod(wei, WEI_PER_ETHER)
    return f"{whole}.{rest:018d}".rstrip("0").rstrip(".")


class LocalChains:
    """The world's chains. `block_seconds` is the time between blocks; 0 means that only people mine."""

    def __init__(self, eth_url: str, block_seconds: float) -> None:
        self._eth = AnvilRpc(eth_url)
        self._block_seconds = block_seconds
        self._quiet_blocks = 0
        self._mined_at = time.monotonic()

    async def close(self) -> None:
        """Closes the connections to the nodes."""
        await self._eth.close()

    async def keep_mining(self) -> None:
        """Mines until it is cancelled; while the node is away it waits for it."""
        while self._block_seconds > 0:
            await asyncio.sleep(self._block_seconds)
            with suppress(AnvilError):
                await self._mine_if_due()

    async def _mine_if_due(self) -> None:
        if await self._eth.pending_count():
            self._quiet_blocks = 0
        elif self._is_idle() and time.monotonic() < self._mined_at + IDLE_BLOCK_SECONDS:
            return
        await self._eth.mine()
        self._quiet_blocks += 1
        self._mined_at = time.monotonic()

    def _is_idle(self) -> bool:
        return self._quiet_blocks >= BUSY_BLOCKS

    async def state(self) -> list[Json]:
        """One object a chain."""
        off = [{"chain": chain, "running": False, "height": None, "note": note} for chain, note in NOT_YET.items()]
        return [await self._eth_state(), *off]

    async def _eth_state(self) -> Json:
        seen: Json = {"chain": "eth", "running": True, "height": None, "asset": "ETH", "note": self._mining_note()}
        try:
            return {**seen, "height": await self._eth.height(), "pending": await self._eth.pending_count()}
        except AnvilError:
            return {**seen, "running": False, "note": "the node does not answer; start the process anvil"}

    def _mining_note(self) -> str:
        if self._block_seconds <= 0:
            return "blocks are mined by hand"
        pause = max(IDLE_BLOCK_SECONDS, self._block_seconds) if self._is_idle() else self._block_seconds
        return f"a block every {pause:g} s"

    async def mine(self, chain: str, blocks: int) -> Json:
        """Mines blocks and answers the new `height`."""
        self._quiet_blocks = 0
        return {"chain": chain, "height": await self._answered(chain, self._eth.mine, blocks)}

    async def send(self, chain: str, address: str, amount: str) -> Json:
        """Pays an address out of the faucet and answers the `txid`. Nothing is credited before it is mined."""
        _is_there(chain)
        wei = wei_of(amount)
        if not is_address(address):
            raise HookError("that is no Ethereum address, or its checksum (EIP-55) does not fit")
        txid = await self._answered(chain, self._pay, address, wei)
        self._quiet_blocks = 0
        return {"chain": chain, "txid": txid, "address": address, "amount": ether_of(wei)}

    async def _pay(self, address: str, wei: int) -> str:
        faucet = (await self._eth.call("eth_accounts"))[0]
        if await self._eth.balance(faucet) < wei + FAUCET_LEVEL_WEI // 2:
            await self._eth.set_balance(faucet, wei + FAUCET_LEVEL_WEI)
        return await self._eth.send(address, wei)

    async def received(self, chain: str, address: str) -> Json:
        """What lies at an address: `amount` in the newest block, since how many `confirmations`, and `pending`.

        Confirmations count the blocks since the amount last changed, itself included, 30 at most; 0 without money.
        """
        _is_there(chain)
        if not is_address(address):
            raise HookError("that is no Ethereum address, or its checksum (EIP-55) does not fit")
        return {"chain": chain, "address": address, **await self._answered(chain, self._looked_up, address)}

    async def _looked_up(self, address: str) -> Json:
        height = await self._eth.height()
        wei = await self._eth.balance(address, height)
        pending = int(await self._eth.call("eth_getBalance", address, "pending"), 16)
        confirmations = await self._confirmations(address, wei, height) if wei else 0
        return {"amount": ether_of(wei), "confirmations": confirmations, "pending": ether_of(max(0, pending - wei))}

    async def _confirmations(self, address: str, wei: int, height: int) -> int:
        for count in range(1, min(CONFIRMATIONS_MAX, height + 1)):
            try:
                if await self._eth.balance(address, height - count) != wei:
                    return count
            except AnvilError:
                # A node that was restarted from its file knows no older states.
                return count
        return min(CONFIRMATIONS_MAX, height + 1)

    async def reorg(self, chain: str, depth: int) -> Json:
        """Replaces the newest `depth` blocks by empty ones; what they paid is gone unless it is sent again."""
        _is_there(chain)
        height = await self._answered(chain, self._eth.height)
        if depth >= height:
            raise HookError(f"the chain has only {height} blocks")
        await self._answered(chain, self._eth.reorganise, depth)
        self._quiet_blocks = 0
        return {"chain": chain, "height": await self._answered(chain, self._eth.height), "depth": depth}

    async def _answered(self, chain: str, call: Any, *arguments: Any) -> Any:
        _is_there(chain)
        try:
            return await call(*arguments)
        except AnvilAbsentError as error:
            raise HookError("the node does not answer; start the process anvil", 503) from error
        except AnvilError as error:
            raise HookError(str(error)) from error


def _is_there(chain: str) -> None:
    if chain in NOT_YET:
        raise HookError(NOT_YET[chain], 503)
    if chain != "eth":
        raise HookError(f"there is no chain {chain}; there are eth, {', '.join(NOT_YET)}", 404)
