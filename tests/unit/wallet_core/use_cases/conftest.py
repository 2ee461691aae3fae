"""Who comes to the desk: somebody with a case, an admin who decides about it, and an owner."""

from __future__ import annotations

import pytest

from tests.unit.wallet_core.world import World
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role


@pytest.fixture
async def ana(world: World) -> Caller:
    """Somebody to whom Bitcoin can be paid."""
    await world.open_payouts(Asset.BTC, seen_height=1_000)
    return await world.person(1)


@pytest.fixture
async def admin(world: World) -> Caller:
    """Somebody who may decide."""
    return await world.person(9, role=Role.FINANCE)


@pytest.fixture
async def owner(world: World) -> Caller:
    """Somebody who may change the rules, where ether can be paid."""
    await world.open_rail()
    return await world.person(90, role=Role.OWNER)
