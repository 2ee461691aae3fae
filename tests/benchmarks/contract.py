"""The contract that pays many on Ethereum in one transaction, where there is one."""

from __future__ import annotations

from tests.integration.worker.inside import Inside


async def with_contract(inside: Inside) -> Inside | None:
    """The same worker, paying by a new contract of its hot wallet; None while the chain can deploy none."""
    world = inside.world
    deploy = getattr(world.chain, "deploy", None)
    return None if deploy is None else await inside.started_again(**await deploy(world.hot, world.final_depth))
