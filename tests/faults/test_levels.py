"""A surplus goes to the cold wallet once, and people are paid once beside it, whenever the worker is killed."""

from __future__ import annotations

import pytest

from tests.faults.points import Needs, needs_of, points_of
from tests.faults.trials import Sweep
from tests.faults.world import World
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, BatchState

_FORMED = "form_own:ledger.post:after"
POINTS = ("form_own:ledger.post:before", _FORMED, "end_own:ledger.post:before", "end_own:ledger.post:after")
#: Where the next life dies, which has only the formed batch to go on with.
RECOVERIES = (
    "sign_batch:signer.sign:after",
    "broadcast_batch:node.broadcast:before",
    "confirm_batch:ledger.post:after",
)


async def _killed(world: World, points: tuple[str, ...]) -> None:
    sweep = Sweep(world)
    await sweep.begin()
    for point in points:
        await sweep.kill_at(point)
    for point in RECOVERIES:
        await sweep.kill_in_recovery(_FORMED, point)
    trial = await sweep.finish()
    assert trial.passed and not trial.untried, trial
    stored = await world.ports.store.find(Batch, {"own": "surplus"}, limit=1_000)
    assert stored and {batch.state for batch in stored} == {BatchState.SETTLED}


@pytest.mark.parametrize("asset", [Asset.ETH])
async def test_killed_while_a_surplus_is_stored_and_every_coin_is_where_the_books_say(
    world: World, asset: Asset
) -> None:
    assert world.asset is asset
    await _killed(world, POINTS[1:3])


@pytest.mark.campaign
@pytest.mark.parametrize("asset", [Asset.BTC, Asset.LTC, Asset.ETH])
async def test_killed_at_every_point_of_a_surplus(world: World, asset: Asset) -> None:
    own = [point for point in points_of(asset) if needs_of(point) is Needs.LEVELS]
    await _killed(world, tuple(own))
