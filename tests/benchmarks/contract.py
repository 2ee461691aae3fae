"""The contract that pays many on Ethereum in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from payout_worker.families.multi_send import contract_of
from payout_worker.payouts import Payouts
from payout_worker.signals import Stop
from tests.faults.environment import settings_of
from tests.integration.worker.inside import Inside

#: Up to here ``ETH_MAX_BATCH_FEE`` leaves a call as full as its gas allows.
_FULL_CALLS: Final = {"ETH_MAX_FEE_GWEI": "60"}


async def with_contract(inside: Inside) -> Inside:
    """The same worker in the same epoch, so that its heart goes on; it pays by a new contract of its hot wallet.

    Raises ``LookupError`` when it would pay one by one all the same: that would be compared with itself.
    """
    world = inside.world
    deployed = await world.chain.deploy(world.hot, world.final_depth)
    settings = settings_of({**world.environment, **deployed, **_FULL_CALLS})
    ports = replace(inside.ports, core=replace(inside.ports.core, settings=settings), settings=settings)
    if not await contract_of(ports, inside.tenure):
        raise LookupError("the worker does not take the contract for its own")
    payouts = Payouts(ports, inside.units[0].rail(world.asset), Stop())
    return replace(inside, ports=ports, payouts=payouts)
