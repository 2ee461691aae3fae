"""The last owner stays, whoever lays a role down, or takes one away, at the same moment."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.wallet_core.desk import Slow
from tests.unit.wallet_core.use_cases.test_roles import OLGA, OTTO, ask
from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.errors import Reason
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.change_role import change_role
from wallet_core.use_cases.list_admins import list_admins


@pytest.fixture
async def otto(world: World) -> Caller:
    return await world.person(OTTO, "otto", role=Role.OWNER)


@pytest.fixture
async def olga(world: World) -> Caller:
    return await world.person(OLGA, "olga", role=Role.OWNER)


async def laid_down_at_once(world: World, otto: Caller, olga: Caller) -> Reason:
    """Both owners' codes are right, and Olga's posting comes just before Otto's; how Otto's ends."""
    codes = {otto: await world.code(otto), olga: await world.code(olga)}
    slow = Slow(world, "role_taken", lambda: change_role(world.ports, olga, OLGA, None, codes[olga]))
    ports = dataclasses.replace(world.ports, ledger=slow)
    return await reason_of(change_role(ports, otto, OTTO, None, codes[otto]))


async def test_of_the_last_two_owners_who_lay_it_down_at_once_one_stays(
    world: World, otto: Caller, olga: Caller
) -> None:
    assert await laid_down_at_once(world, otto, olga) is Reason.LAST_OWNER
    assert [(await world.guards(owner)).role for owner in (otto, olga)] == [Role.OWNER, None]


async def test_of_three_owners_two_lay_it_down_at_once(world: World, otto: Caller, olga: Caller) -> None:
    await world.person(30, role=Role.OWNER)
    codes = {otto: await world.code(otto), olga: await world.code(olga)}
    # Otto relied on Olga: it is decided again, with the third.
    slow = Slow(world, "role_taken", lambda: change_role(world.ports, olga, OLGA, None, codes[olga]))
    ports = dataclasses.replace(world.ports, ledger=slow)
    assert await change_role(ports, otto, OTTO, None, codes[otto]) is None
    assert [one.person for one in await list_admins(world.ports) if one.counts] == [30]


async def test_an_owner_whom_the_other_one_has_just_taken_the_role_from_is_relied_on_by_nobody(
    world: World, otto: Caller, olga: Caller
) -> None:
    """The server answers that Olga is to be none any more while Otto, who asked for it, lays his own role down."""
    asked, code = await ask(world, otto, OLGA, None), await world.code(otto)
    slow = Slow(world, "role_taken", lambda: approve_at_server(world.ports, asked.id))
    ports = dataclasses.replace(world.ports, ledger=slow)
    assert await reason_of(change_role(ports, otto, OTTO, None, code)) is Reason.LAST_OWNER
    assert [(await world.guards(owner)).role for owner in (otto, olga)] == [Role.OWNER, None]


async def test_a_role_that_two_owners_take_from_each_other_at_once_stays_with_one(
    world: World, otto: Caller, olga: Caller
) -> None:
    first, second = await ask(world, otto, OLGA, None), await ask(world, olga, OTTO, None)
    codes = {otto: await world.code(otto), olga: await world.code(olga)}
    slow = Slow(world, "role_taken", lambda: approve(world.ports, otto, second.id, codes[otto]))
    ports = dataclasses.replace(world.ports, ledger=slow)
    assert await reason_of(approve(ports, olga, first.id, codes[olga])) is Reason.NOT_ALLOWED
    assert [(await world.guards(owner)).role for owner in (otto, olga)] == [None, Role.OWNER]


async def test_this_test_sees_the_last_owners_go(
    world: World, otto: Caller, olga: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: it is looked whether another owner is there, and not held on to."""
    unguarded = ChangeGuards(OLGA, lambda found, _now: found.document())
    monkeypatch.setattr("wallet_core.use_cases.change_role._stays_owner", lambda *_: unguarded)
    with pytest.raises(pytest.fail.Exception):
        await laid_down_at_once(world, otto, olga)
    assert [(await world.guards(owner)).role for owner in (otto, olga)] == [None, None]
