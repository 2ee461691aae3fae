"""A cut of the fault campaign: ``make faults`` kills at every failpoint and many more times at random."""

from __future__ import annotations

import pytest

from tests.faults.trials import kill_at, kill_at_random
from tests.faults.world import World

#: The moments that lose or double money where the protocol is wrong.
POINTS = (
    "form_batch:ledger.post:after",
    "sign_batch:signer.sign:after",
    "sign_batch:ledger.post:after",
    "broadcast_batch:node.broadcast:after",
    "settle_batch:ledger.post:after",
    "credit:ledger.post:after",
    "settled:node.inclusion:after",
)


@pytest.mark.parametrize("point", POINTS)
async def test_killed_twice_at_a_point_and_nothing_is_lost_or_doubled(world: World, point: str) -> None:
    trial = await kill_at(world, point)
    assert trial.passed, trial
    assert trial.kills == 2


async def test_twenty_payouts_queue_while_paused_and_survive_a_kill(world: World) -> None:
    trial = await kill_at_random(world, kills=3, seed=1)
    assert trial.passed, trial
