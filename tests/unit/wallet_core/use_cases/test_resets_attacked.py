"""Resets against somebody who has the database, and against other freezes that end meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.wallet_core.use_cases.test_freeze import is_frozen
from tests.unit.wallet_core.use_cases.test_resets import check, checked
from tests.unit.wallet_core.world import World
from wallet_core.domain.access_reset import ResetState
from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.ask_reset import ask_reset
from wallet_core.use_cases.cancel_reset import cancel_reset
from wallet_core.use_cases.complete_reset import complete_reset
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.tend_waits import tend_waits
from wallet_core.use_cases.unfreeze import unfreeze
from wallet_core.use_cases.unfreeze_person import unfreeze_person


@pytest.fixture
async def alice(world: World) -> Caller:
    return await world.person(1)


@pytest.fixture
async def admins(world: World) -> tuple[Caller, Caller]:
    return await world.person(8, role=Role.FINANCE), await world.person(9, role=Role.OWNER)


async def test_who_writes_into_the_database_that_a_reset_was_checked_gets_no_new_device(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    reset = await ask_reset(world.ports, alice)
    asked = await check(world, admins[0], reset)
    due = {"state": ResetState.WAITING, "due_at": await world.ports.store.now()}
    for forged in ({}, {"approval": None}, {"approval": "0" * 32}):
        world.memory._keep(asked.model_copy(update={**due, **forged}))
        with pytest.raises(InvariantViolated):
            await complete_reset(world.ports, alice)
    approval = await world.ports.store.get(Approval, str(asked.approval))
    assert approval is not None
    world.memory._keep(
        approval.model_copy(update={"state": ApprovalState.APPROVED, "decided_by": 9, "decided_mac": approval.mac})
    )
    world.memory._keep(asked.model_copy(update=due))
    with pytest.raises(InvariantViolated):
        await complete_reset(world.ports, alice)
    assert (await world.guards(alice)).enrolled


async def test_an_answer_about_one_person_resets_nobody_else(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    ben = await world.person(2)
    for_ben = await checked(world, await ask_reset(world.ports, ben), admins)
    reset = await ask_reset(world.ports, alice)
    same = {"state": ResetState.WAITING, "due_at": for_ben.due_at, "approval": for_ben.approval}
    world.memory._keep(reset.model_copy(update={**same, "checked_by": 8, "checked_how": "history"}))
    world.clock.turn(hours=73)
    with pytest.raises(InvariantViolated):
        await complete_reset(world.ports, alice)


async def frozen_by_admin(world: World, admin: Caller, alice: Caller, hours: int = 0) -> None:
    until = await world.ports.store.now() + timedelta(hours=hours) if hours else None
    code = await world.code(admin)
    await freeze_person(world.ports, admin, alice.person, reason="a call", until=until, code=code)


async def test_a_reset_keeps_the_wallet_frozen_when_a_freeze_above_it_ends_by_itself(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    await frozen_by_admin(world, admins[0], alice, hours=1)
    await ask_reset(world.ports, alice)
    world.clock.turn(hours=2)
    assert await is_frozen(world, alice)
    await tend_waits(world.ports)
    assert await is_frozen(world, alice)
    assert (await world.guards(alice)).frozen_at is not None, "what looks at this field alone sees the freeze"
    await cancel_reset(world.ports, alice, await world.code(alice))
    assert not await is_frozen(world, alice)


async def test_a_reset_keeps_the_wallet_frozen_when_an_admin_or_the_person_ends_the_freeze_above_it(
    world: World, alice: Caller, admins: tuple[Caller, Caller]
) -> None:
    await frozen_by_admin(world, admins[0], alice)
    await ask_reset(world.ports, alice)
    await unfreeze_person(world.ports, admins[0], alice.person, await world.code(admins[0]))
    assert await is_frozen(world, alice)
    ben = await world.person(2)
    await freeze(world.ports, ben)
    await ask_reset(world.ports, ben)
    await unfreeze(world.ports, ben, await world.code(ben))
    for _ in range(2):
        world.clock.turn(hours=25)
        assert await is_frozen(world, ben)
        await tend_waits(world.ports)
    await cancel_reset(world.ports, ben, await world.code(ben))
    assert not await is_frozen(world, ben)
