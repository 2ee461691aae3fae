"""A hot wallet that has too much, or too little."""

from __future__ import annotations

from typing import Final

from tests.faults.coin_chain import CoinChain
from tests.faults.world import World
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import hot_wallet_funded
from wallet_core.use_cases.codes import new_id

_COINS: Final = 12
_ETHER_MINOR: Final = 100 * 10**18


def leveling(asset: Asset) -> dict[str, str]:
    """The settings of a worker that keeps the hot wallet at less than half of what it was funded with."""
    floor, ceiling = ("10", "40") if asset is Asset.ETH else ("0.5", "1")
    own = {"HOT_FLOOR": floor, "HOT_CEILING": ceiling, "HOT_INTERVAL_SECONDS": "0.2"}
    return {f"{asset}_{name}": value for name, value in own.items()}


async def refill(world: World, times: int = 1) -> None:
    """Puts as much into the hot wallet as it had in the beginning, on the chain and in the books."""
    if world.asset is Asset.ETH:
        await world.node.set_balance(world.hot, await world.chain.balance(world.hot) + times * _ETHER_MINOR)
        # What no final block has is no surplus.
        await world.chain.mine(world.final_depth + 1)
        await booked(world, times * _ETHER_MINOR)
    else:
        await world.fund(coins=_COINS * times)


async def scattered(world: World, coins: int, coin_minor: int) -> None:
    """Puts so many small coins into the hot wallet."""
    assert isinstance(world.chain, CoinChain)
    await world.chain.keeper.send(world.hot, coin_minor, copies=coins)
    await world.chain.mine(world.final_depth + 1)
    await booked(world, coins * coin_minor)


async def booked(world: World, coin_minor: int) -> None:
    """Tells the books of coins in the hot wallet."""
    funded = hot_wallet_funded(world.asset, coin_minor)
    await world.ports.ledger.post(Posting(f"test:{new_id()}", "funded", "test", entries=funded))
