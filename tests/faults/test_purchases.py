"""A cut of the campaign of purchases: customers pay in every way while the worker is killed; nothing counts twice."""

from __future__ import annotations

import pytest

from tests.faults.conftest import CHAINS
from tests.faults.purchases.kills import FINAL_DEPTH, kill_while_paying
from tests.faults.world import World
from wallet_core.domain.money import Asset

_SETTINGS = [{"final_depth": FINAL_DEPTH[asset]} for asset in CHAINS]


@pytest.mark.parametrize(
    ("asset", "settings"),
    # On one chain here, on all of them in the campaign.
    [
        pytest.param(asset, settings, marks=[pytest.mark.campaign] * (asset is not Asset.BTC), id=asset)
        for asset, settings in zip(CHAINS, _SETTINGS, strict=True)
    ],
)
async def test_whatever_is_paid_while_the_worker_is_killed_counts_exactly_once(world: World, asset: Asset) -> None:
    assert world.asset is asset
    trial = await kill_while_paying(world, kills=5, seed=1, leaves=False)
    assert trial.passed and trial.kills, trial
