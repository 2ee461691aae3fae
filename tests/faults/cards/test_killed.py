"""A cut of the campaign: ``make faults`` kills at every point of worker and bot, and many more times at random."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.cards.stories import expired, paid, refunded_by_an_admin
from tests.faults.cards.trials import kill_at_points, kill_at_random
from tests.faults.cards.world import CardWorld, Forks, open_world

#: A payment is in the books and the worker does not know it; an event is kept and Stripe does not know it.
POINTS = ("card_credit:ledger.post:after", "card_webhook:store.put:after")


@pytest.fixture(scope="session")
def card_forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture
async def world(mongo_uri: str, database_name: str, tmp_path: Path, card_forks: Forks) -> AsyncIterator[CardWorld]:
    async with open_world(mongo_uri, database_name, tmp_path, card_forks) as made:
        yield made


async def test_worker_and_bot_are_killed_while_people_pay_and_each_payment_is_credited_once(world: CardWorld) -> None:
    trial = await kill_at_points(world, POINTS, seed=1, times=1, stories=(paid, refunded_by_an_admin, expired))
    assert trial.passed and not trial.untried, trial


@pytest.mark.campaign
async def test_killed_at_random_moments_and_nothing_is_lost_or_doubled(world: CardWorld) -> None:
    trial = await kill_at_random(world, kills=10, seed=1)
    assert trial.passed, trial
