"""The test of the tests: a sound worker passes every play, a worker with a planted bug is seen in its play."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import plays
from tests.faults.planted import BUGS, SEND_THEN_SAVE, Bug, planted
from tests.faults.plays import Play
from tests.faults.world import World


@pytest.mark.parametrize("play", plays.ALL, ids=lambda play: play.__name__)
@pytest.mark.campaign
async def test_a_sound_worker_passes(world: World, play: Play) -> None:
    verdict = await play(world)
    assert verdict, verdict


async def test_a_worker_that_sends_first_and_saves_after_is_seen(world: World, tmp_path: Path) -> None:
    world.source = planted(SEND_THEN_SAVE, tmp_path / "planted")
    verdict = await SEND_THEN_SAVE.play(world)
    assert verdict.doubled, verdict


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
@pytest.mark.campaign
async def test_a_planted_bug_is_seen(world: World, tmp_path: Path, bug: Bug) -> None:
    world.source = planted(bug, tmp_path / "planted")
    verdict = await bug.play(world)
    assert any(line["event"] == "started" for line in world.log_of()), "the bug keeps it from starting"
    assert not verdict, f"nobody noticed: {bug.name}"
