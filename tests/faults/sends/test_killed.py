"""A cut of the campaign: ``make faults`` kills at every point of worker and bot, and many times at random."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.sends.stories import recurring, returned, taken_back
from tests.faults.sends.trials import kill_at_points, kill_at_random
from tests.faults.sends.world import Forks, SendWorld, open_world

#: It is done and whoever did it does not know; and a message is with Telegram and nobody has noted it.
POINTS = (
    "unclaimed:ledger.post:after",
    "recurring:ledger.post:after",
    "bot:send_taken_back:after",
    "bot:delivery:after",
)


@pytest.fixture(scope="session")
def send_forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture
async def world(mongo_uri: str, database_name: str, tmp_path: Path, send_forks: Forks) -> AsyncIterator[SendWorld]:
    async with open_world(mongo_uri, database_name, tmp_path, send_forks) as made:
        yield made


async def test_bot_and_worker_are_killed_while_money_waits_and_each_send_ends_once(world: SendWorld) -> None:
    trial = await kill_at_points(world, POINTS, seed=1, stories=(returned, recurring, taken_back))
    assert trial.passed and not trial.untried, trial


@pytest.mark.campaign
async def test_killed_at_random_moments_and_nothing_is_lost_or_doubled(world: SendWorld) -> None:
    trial = await kill_at_random(world, kills=10, seed=1)
    assert trial.passed, trial
