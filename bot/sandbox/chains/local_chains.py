"""All chains of the world, as the control API drives them; a chain without a node says why it is off."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from bot.sandbox.chains.amounts import coins_of, minor_of
from bot.sandbox.chains.chain import ABSENCES, REFUSALS, Chain
from bot.sandbox.chains.pace import Pace
from bot.sandbox.world import HookError

Json = dict[str, Any]
Answer = TypeVar("Answer")
NAMES = ("eth", "btc", "ltc")


class _Paced:
    """A chain with its pace; only one at a time mines or reorganises it."""

    def __init__(self, chain: Chain, block_seconds: float) -> None:
        self.chain = chain
        self.pace = Pace(block_seconds)
        self.turn = asyncio.Lock()

    async def keep_mining(self) -> None:
        while self.pace.block_seconds > 0:
            await asyncio.sleep(self.pace.block_seconds)
            with suppress(*REFUSALS):
                await self._mine_if_due()

    async def _mine_if_due(self) -> None:
        async with self.turn:
            if self.pace.is_due(await self.chain.pending_count()):
                await self.chain.mine(1)
                self.pace.mined()

    async def state(self) -> Json:
        seen = {"chain": self.chain.name, "running": True, "height": None, "asset": self.chain.asset}
        try:
            height, pending = await self.chain.height(), await self.chain.pending_count()
        except REFUSALS:
            return {**seen, "running": False, "note": _absence(self.chain)}
        return {**seen, "note": self.pace.note, "height": height, "pending": pending}


class LocalChains:
    """The world's chains. `off` says why a chain has no node; `block_seconds` 0 means that only people mine."""

    def __init__(self, chains: Iterable[Chain], off: Mapping[str, str], block_seconds: float) -> None:
        self._paced = {chain.name: _Paced(chain, block_seconds) for chain in chains}
        self._off = dict(off)

    async def close(self) -> None:
        """Closes the connections to the nodes."""
        for one in self._paced.values():
            await one.chain.close()

    async def keep_mining(self) -> None:
        """Mines until it is cancelled; while a node is away it waits for it."""
        await asyncio.gather(*(one.keep_mining() for one in self._paced.values()))

    async def state(self) -> list[Json]:
        """One object a chain: `chain`, `running`, `height`, `pending`, `asset` and a `note`."""
        return list(await asyncio.gather(*(self._state(name) for name in NAMES)))

    async def _state(self, name: str) -> Json:
        if name in self._paced:
            return await self._paced[name].state()
        return {"chain": name, "running": False, "height": None, "note": self._off.get(name, "it was not started")}

    async def mine(self, chain: str, blocks: int) -> Json:
        """Mines blocks and answers the new `height`."""
        one = self._of(chain)
        one.pace.wake()
        async with one.turn:
            return {"chain": chain, "height": await _answered(one.chain, one.chain.mine(blocks))}

    async def send(self, chain: str, address: str, amount: str) -> Json:
        """Pays an address out of the faucet and answers the `txid`. Nothing is credited before it is mined."""
        one = self._of(chain)
        minor = minor_of(amount, one.chain.decimals)
        async with one.turn:
            txid = await _answered(one.chain, one.chain.pay(address, minor))
        one.pace.wake()
        return {"chain": chain, "txid": txid, "address": address, "amount": coins_of(minor, one.chain.decimals)}

    async def received(self, chain: str, address: str) -> Json:
        """What lies at an address: `amount` in the newest block, since how many `confirmations`, and `pending`."""
        one = self._of(chain).chain
        lying = await _answered(one, one.lying_at(address))
        amount, pending = coins_of(lying.minor, one.decimals), coins_of(lying.pending_minor, one.decimals)
        found = {"amount": amount, "confirmations": lying.confirmations, "pending": pending}
        return {"chain": chain, "address": address, **found}

    async def reorg(self, chain: str, depth: int) -> Json:
        """Replaces the newest `depth` blocks by empty ones; what they paid is gone unless it is sent again."""
        one = self._of(chain)
        async with one.turn:
            height = await _answered(one.chain, one.chain.height())
            if depth >= height:
                raise HookError(f"the chain has only {height} blocks")
            height = await _answered(one.chain, one.chain.reorganise(depth))
        one.pace.wake()
        return {"chain": chain, "height": height, "depth": depth}

    def _of(self, name: str) -> _Paced:
        if name in self._paced:
            return self._paced[name]
        if name in NAMES:
            raise HookError(self._off.get(name, f"{name} was not started"), 503)
        raise HookError(f"there is no chain {name}; there are {', '.join(NAMES)}", 404)


async def _answered(chain: Chain, call: Awaitable[Answer]) -> Answer:
    try:
        return await call
    except ABSENCES as error:
        raise HookError(_absence(chain), 503) from error
    except REFUSALS as error:
        raise HookError(str(error)) from error


def _absence(chain: Chain) -> str:
    return f"the node does not answer; start the process {chain.process}"
