"""The test of the tests: a sound worker passes every play, a worker with a planted bug is seen in its play."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import ether_plays, plays, purchase_plays
from tests.faults.planted import Bug, planted
from tests.faults.planted.bugs import BUGS, NAIVE
from tests.faults.planted.purchase_bugs import PURCHASE_BUGS
from tests.faults.plays import Play
from tests.faults.purchases.plays import OF_COINS as OF_COIN_PURCHASES
from tests.faults.purchases.plays import PLAYS as OF_PURCHASES
from tests.faults.world import World
from wallet_core.domain.money import Asset

_COINS = (Asset.BTC, Asset.LTC)
PLAYED = [
    *((play, asset) for asset in (*_COINS, Asset.ETH) for play in (*plays.EVERYWHERE, *OF_PURCHASES)),
    *((play, asset) for asset in _COINS for play in (*plays.OF_COINS, *OF_COIN_PURCHASES)),
    *((play, Asset.ETH) for play in (*ether_plays.OF_ETHER, *purchase_plays.PLAYS)),
]
MASS = {"mass": True}


def test_every_planted_bug_still_has_the_lines_that_it_changes() -> None:
    root = Path(__file__).parents[2]
    edits = [(bug.name, edit) for bug in (*NAIVE, *BUGS, *PURCHASE_BUGS) for edit in bug.edits]
    assert not [name for name, edit in edits if (root / edit.file).read_text().count(edit.sound) != 1]


@pytest.mark.parametrize(("play", "asset"), PLAYED, ids=lambda of: getattr(of, "__name__", str(of)))
@pytest.mark.campaign
async def test_a_sound_worker_passes(world: World, play: Play, asset: Asset) -> None:
    assert world.asset is asset
    verdict = await play(world)
    assert verdict, verdict


@pytest.mark.parametrize("settings", [MASS], ids=["contract"])
@pytest.mark.parametrize("play", ether_plays.OF_CONTRACT, ids=lambda of: of.__name__)
@pytest.mark.campaign
async def test_a_sound_worker_passes_where_the_contract_pays(world: World, play: Play) -> None:
    assert "ETH_MULTISEND_ADDRESS" in world.environment
    verdict = await play(world)
    assert verdict, verdict


@pytest.mark.parametrize(
    ("bug", "asset"),
    # On one chain here, on all of them in the campaign.
    [pytest.param(bug, bug.asset, marks=[pytest.mark.campaign] * (bug.asset is not Asset.BTC)) for bug in NAIVE],
    ids=lambda of: str(getattr(of, "asset", of)),
)
async def test_a_worker_that_sends_first_and_saves_after_is_seen(world: World, tmp_path: Path, bug: Bug) -> None:
    world.source = planted(bug, tmp_path / "planted")
    verdict = await bug.play(world)
    assert verdict.doubled, verdict


@pytest.mark.parametrize(
    ("bug", "asset", "settings"),
    [(bug, bug.asset, bug.settings) for bug in (*BUGS, *PURCHASE_BUGS)],
    ids=lambda of: getattr(of, "name", str(of)).replace(" ", "-"),
)
@pytest.mark.campaign
async def test_a_planted_bug_is_seen(world: World, tmp_path: Path, bug: Bug) -> None:
    world.source = planted(bug, tmp_path / "planted")
    verdict = await bug.play(world)
    assert any(line["event"] == "started" for line in world.log_of(world.names[0])), "the bug keeps it from starting"
    assert not verdict, f"nobody noticed: {bug.name}"
