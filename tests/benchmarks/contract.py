"""The contract that pays many on Ethereum in one transaction."""

from __future__ import annotations

from tests.integration.worker.inside import Inside


async def with_contract(inside: Inside) -> Inside:
    """The same worker, paying by a new contract of its hot wallet."""
    world = inside.world
    return await inside.started_again(**await world.chain.deploy(world.hot, world.final_depth))
