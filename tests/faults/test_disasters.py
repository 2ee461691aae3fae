"""A cut of the campaign's other parts: a lost answer and a dead node, storms of signals, a paused lease holder.

Each on one chain; the campaign has all of them on each.
"""

from __future__ import annotations

import pytest

from tests.faults.disasters import kill_nodes_and_cut
from tests.faults.rivals import pause_the_holder
from tests.faults.storms import storm
from tests.faults.world import World
from wallet_core.domain.money import Asset


@pytest.mark.parametrize("asset", [Asset.LTC])
async def test_a_node_dies_and_an_answer_is_lost(world: World) -> None:
    trial = await kill_nodes_and_cut(world, 2, 1)
    assert trial.passed and not trial.untried, trial


@pytest.mark.parametrize("asset", [Asset.BTC])
async def test_a_worker_that_was_paused_past_its_lease_does_no_harm(world: World) -> None:
    trial = await pause_the_holder(world, 1, 1)
    assert trial.passed, trial


@pytest.mark.parametrize("asset", [Asset.ETH])
async def test_storms_of_signals_end_it_at_once_and_in_order(world: World) -> None:
    trial = await storm(world, 10, 1)
    assert trial.passed, trial
    assert max(trial.exits) < 5
