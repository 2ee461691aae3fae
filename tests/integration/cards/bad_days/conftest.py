"""A wallet in memory whose card rail speaks to the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.cards.in_memory import open_worker, open_world
from tests.integration.cards.rail import Rail
from tests.support.card_company import Company
from tests.unit.wallet_core.world import World
from wallet_core.domain.people import Caller


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[tuple[World, Company]]:
    """The wallet and the company; whatever a test did, the books balance at its end."""
    async with open_world(tmp_path) as made:
        yield made
        assert set(made[0].sums().values()) <= {0}


@pytest.fixture
def world(made: tuple[World, Company]) -> World:
    """The wallet."""
    return made[0]


@pytest.fixture
async def rail(made: tuple[World, Company], tmp_path: Path) -> AsyncIterator[Rail]:
    """The card rail's unit, pass by pass."""
    async with open_worker(*made, tmp_path) as rail:
        yield rail


@pytest.fixture
async def alice(rail: Rail, world: World) -> Caller:
    """Somebody who buys where cards are sold."""
    return await world.person(1)
