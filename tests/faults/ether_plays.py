"""Plays of payouts that only Ethereum can see: a transaction is in a block, and what it should have paid is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.faults import plays
from tests.faults.plays import Play, all_in, begin, settled, until
from tests.faults.verdict import Verdict
from tests.faults.world import World
from wallet_core.domain.payout import BatchState, Withdrawal

#: So long may a slow machine take until what a play is about is there.
_SLOW_SECONDS: Final = 120.0
_TAKES_NOTHING: Final = "0x60006000fd"


async def reverted(world: World) -> Verdict:
    """An address becomes a contract that takes nothing, and then takes something again."""
    (withdrawal,), _ = await begin(world, 1)
    await _fail_in_a_block(world, [withdrawal], withdrawal)
    return await settled(world, [withdrawal])


async def fails_among_many(world: World) -> Verdict:
    """One address of a call becomes code that takes nothing, and takes something again. With the contract only."""
    withdrawals, _ = await begin(world, 3)
    await _fail_in_a_block(world, withdrawals, withdrawals[1])
    return await settled(world, withdrawals)


async def _fail_in_a_block(world: World, withdrawals: Sequence[Withdrawal], failing: Withdrawal) -> None:
    """All are sent while the address takes coins, and mined while it takes none; then it does again.

    Raises ``TimeoutError`` where that did not come about: without it the play would show nothing of any worker.
    """
    if not await until(lambda: all_in(world, BatchState.BROADCAST, withdrawals), _SLOW_SECONDS):
        raise TimeoutError("it is not sent")
    await world.node.call("anvil_setCode", failing.address, _TAKES_NOTHING)
    if not await until(lambda: _is_mined_in_vain(world, failing), _SLOW_SECONDS):
        raise TimeoutError("it is not mined in vain")
    await world.node.call("anvil_setCode", failing.address, "0x")


async def _is_mined_in_vain(world: World, withdrawal: Withdrawal) -> bool:
    """Mines what waits; whether a block has what should have paid it, and its address has nothing."""
    await world.chain.mine()
    mined = [await world.node.call("eth_getTransactionReceipt", made.txid) for made in await world.attempts()]
    return any(mined) and not await world.node.balance(withdrawal.address)


#: Of payouts one by one, and with the contract that pays many.
OF_ETHER: tuple[Play, ...] = (reverted,)
OF_CONTRACT: tuple[Play, ...] = (
    plays.undisturbed,
    plays.killed_before_it_is_saved,
    plays.dropped,
    plays.slow,
    plays.reorganised,
    fails_among_many,
)
