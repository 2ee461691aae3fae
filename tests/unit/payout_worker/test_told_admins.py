"""Whom the worker tells: whose role counts, as the gate has it."""

from __future__ import annotations

from typing import Any

import pytest

from payout_worker.ports import UnitPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.world import World
from wallet_core.domain.changes import Insert
from wallet_core.domain.guards import Guards
from wallet_core.domain.lease import Lease
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.domain.record import Target
from wallet_core.use_cases import admins
from wallet_core.use_cases.grant_role import grant_role

OTTO, BEN = 21, 23
_LEASE = "ETH:test:hot"
_ROLE = ("role", "role_number", "role_mac")


@pytest.fixture
async def world() -> World:
    """Otto is an owner; Ben was one, and whoever has the database put his role back as it was."""
    world = World()
    await world.open_rail()
    await world.person(OTTO, role=Role.OWNER)
    await world.person(BEN)
    await grant_role(world.ports, BEN, Role.OWNER, "two are better")
    before = dict(world.memory.documents[Target(Guards.collection, BEN)])
    await grant_role(world.ports, BEN, None, "he left")
    world.memory.documents[Target(Guards.collection, BEN)] |= {name: before[name] for name in _ROLE}
    return world


async def _alarmed(world: World) -> list[int]:
    """Who is told of an alarm of the worker's."""
    await world.post(changes=(Insert(Lease(id=_LEASE, epoch=1, holder="me")),))
    ports = UnitPorts(world.ports, world.ports.settings, world.ports.ledger, world.ports.store, Asset.ETH)
    assert await raise_alarm(ports, Tenure(_LEASE, 1, "me"), "foreign_spend", "b", freeze=False)
    return [person for person in (OTTO, BEN) if told(world, person, "alarm")]


async def test_a_role_that_was_put_back_in_the_database_is_told_no_alarm(world: World) -> None:
    assert await _alarmed(world) == [OTTO]


async def test_this_test_sees_whom_an_outdated_seal_would_let_read_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> bool:
        return False

    monkeypatch.setattr(admins, "_is_outdated", never)
    assert await _alarmed(world) == [OTTO, BEN]
