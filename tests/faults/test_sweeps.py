"""Deposits move to the hot wallet once, and nothing of them is lost, whenever the worker is killed."""

from __future__ import annotations

import pytest

from tests.faults.trials import Sweep
from tests.faults.world import World
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, BatchState

_FORMED = "form_sweep:ledger.post:after"
POINTS = ("form_sweep:ledger.post:before", _FORMED, "end_sweep:ledger.post:before", "end_sweep:ledger.post:after")
#: Where the next life dies, which has only the formed sweep to go on with.
RECOVERIES = (
    "sign_batch:signer.sign:after",
    "broadcast_batch:node.broadcast:before",
    "confirm_batch:ledger.post:after",
)


# Bitcoin and Litecoin are swept by the same steps.
@pytest.mark.parametrize("asset", [pytest.param(Asset.BTC, marks=pytest.mark.campaign), Asset.LTC, Asset.ETH])
async def test_killed_while_deposits_are_swept_and_every_coin_is_where_the_books_say(
    world: World, asset: Asset
) -> None:
    sweep = Sweep(world)
    await sweep.begin()
    for point in POINTS:
        await sweep.kill_at(point)
    for point in RECOVERIES:
        await sweep.kill_in_recovery(_FORMED, point)
    trial = await sweep.finish()
    assert trial.passed and not trial.untried, trial
    swept = await world.ports.store.find(Batch, {"sweep": True}, limit=1_000)
    assert len(swept) >= len(POINTS) - 1 and {batch.state for batch in swept} == {BatchState.SETTLED}
    assert world.asset is asset
