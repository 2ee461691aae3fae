"""A cut of the campaign's reorganisations: one within the final depth for each chain and state, and deeper ones."""

from __future__ import annotations

import pytest

from tests.faults.conftest import CHAINS
from tests.faults.reorganisations import STATES, WITHIN, reorganise_final, reorganise_in, settings_for
from tests.faults.world import World
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import BatchState

#: Litecoin differs from Bitcoin in how its fees are raised, which a confirmed batch has behind it.
_IN_CAMPAIGN = {(Asset.LTC, BatchState.BROADCAST), (Asset.LTC, BatchState.SETTLED), (Asset.ETH, BatchState.BROADCAST)}
PLAYED = [
    pytest.param(
        asset,
        state,
        {"final_depth": WITHIN[asset], **settings_for(asset, state)},
        marks=[pytest.mark.campaign] if (asset, state) in _IN_CAMPAIGN else [],
    )
    for asset in CHAINS
    for state in STATES[asset]
]


@pytest.mark.parametrize(("asset", "state", "settings"), PLAYED)
async def test_blocks_that_are_not_final_leave_the_chain_and_all_is_paid_once(world: World, state: BatchState) -> None:
    trial = await reorganise_in(world, state, (3,))
    assert trial.passed and not trial.untried, trial


@pytest.mark.parametrize("asset", [Asset.BTC, pytest.param(Asset.LTC, marks=pytest.mark.campaign), Asset.ETH])
async def test_final_blocks_leave_the_chain_and_the_hot_wallet_freezes(world: World, asset: Asset) -> None:
    assert world.asset is asset
    trial = await reorganise_final(world, 6)
    assert trial.passed, trial
