"""A cut of the fault campaign: ``make faults`` kills at every failpoint and many more times at random."""

from __future__ import annotations

import pytest

from tests.faults.conftest import CHAINS
from tests.faults.trials import Sweep, kill_at_random
from tests.faults.world import World
from wallet_core.domain.money import Asset

#: The moments that lose or double money where the protocol is wrong.
POINTS = (
    "form_batch:ledger.post:after",
    "sign_batch:signer.sign:after",
    "sign_batch:ledger.post:after",
    "broadcast_batch:node.broadcast:after",
    "bump_fee:ledger.post:after",
    "settle_batch:ledger.post_many:after",
    "settle_batch:ledger.post:after",
)
#: There the contract pays, and one of many fails; and deposits come in.
OF_ETHER = ("failed_payouts:ledger.post:after", "credit:ledger.post:after")
#: Killed there, and in the recovery at the other.
PAIRS = (
    ("broadcast_batch:node.broadcast:after", "broadcast_batch:ledger.post:before"),
    ("sign_batch:signer.sign:after", "sign_batch:ledger.post:before"),
)


@pytest.mark.parametrize(
    ("asset", "settings"),
    [(Asset.BTC, {}), pytest.param(Asset.LTC, {}, marks=pytest.mark.campaign), (Asset.ETH, {"mass": True})],
    ids=CHAINS,
)
async def test_killed_at_points_and_in_recoveries_and_nothing_is_lost_or_doubled(world: World, asset: Asset) -> None:
    sweep = Sweep(world)
    await sweep.begin()
    for point in (*POINTS, *(OF_ETHER if asset is Asset.ETH else ())):
        await sweep.kill_at(point)
    for first, second in PAIRS:
        await sweep.kill_in_recovery(first, second)
    trial = await sweep.finish()
    assert trial.passed and not trial.untried, trial


@pytest.mark.parametrize("asset", [Asset.BTC, pytest.param(Asset.LTC, marks=pytest.mark.campaign), Asset.ETH])
async def test_twenty_payouts_queue_while_paused_and_survive_kills(world: World, asset: Asset) -> None:
    assert world.asset is asset
    trial = await kill_at_random(world, kills=4, seed=1)
    assert trial.passed and trial.kills == 4, trial
