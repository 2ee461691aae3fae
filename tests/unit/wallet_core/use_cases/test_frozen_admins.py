"""An admin whose wallet is frozen stops things, and lets none go on: whoever froze it may know of a thief."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.unit.wallet_core.desk import decide, opened
from tests.unit.wallet_core.use_cases.test_withdrawal import requested
from tests.unit.wallet_core.world import ADDRESS, World, reason_of
from wallet_core.domain.case import CaseChoice
from wallet_core.domain.errors import Reason
from wallet_core.domain.mode import Mode
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import MarkRail, RailState
from wallet_core.use_cases.clear_alarm import clear_alarm
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.review_withdrawal import review_withdrawal
from wallet_core.use_cases.screen_address import screen_address
from wallet_core.use_cases.set_mode import set_mode
from wallet_core.use_cases.set_rail import set_rail

Act = Callable[[World, Caller], Awaitable[object]]


@pytest.fixture
async def owner(world: World) -> Caller:
    await world.open_rail()
    return await world.person(9, role=Role.OWNER)


async def put_up(world: World, owner: Caller) -> Act:
    alice = await world.person(1)
    await world.fund(alice, 1_000)
    withdrawal = await requested(world, alice, "201")

    async def act(world: World, owner: Caller) -> None:
        await review_withdrawal(world.ports, owner, withdrawal.id, True, await world.code(owner))

    return act


async def set_aside(world: World, owner: Caller) -> Act:
    case = await opened(world, await world.person(1))
    return lambda world, owner: decide(world, owner, case, CaseChoice.CREDIT)


async def kept(world: World, owner: Caller) -> Act:
    case = await opened(world, await world.person(1))
    return lambda world, owner: decide(world, owner, case, CaseChoice.KEEP)


async def alarmed(world: World, owner: Caller) -> Act:
    await world.post(changes=(MarkRail(Asset.ETH, "alarm", "foreign spend"),))

    async def act(world: World, owner: Caller) -> None:
        await clear_alarm(world.ports, owner, Asset.ETH, await world.code(owner))

    return act


async def screened(world: World, owner: Caller) -> Act:
    async def act(world: World, owner: Caller, *, listed: bool = False) -> None:
        await screen_address(world.ports, owner, "ETH", ADDRESS, "a test", listed, await world.code(owner))

    await act(world, owner, listed=True)
    return act


async def switched(world: World, owner: Caller) -> Act:
    async def act(world: World, owner: Caller, mode: Mode = Mode.OPEN) -> None:
        await set_mode(world.ports, owner, mode, "a test", await world.code(owner))

    await act(world, owner, Mode.PAUSED)
    return act


async def paused(world: World, owner: Caller) -> Act:
    async def act(world: World, owner: Caller, state: RailState = RailState.RUNNING) -> None:
        await set_rail(world.ports, owner, Asset.ETH, state, await world.code(owner))

    await act(world, owner, RailState.PAUSED)
    return act


@pytest.mark.parametrize("prepare", (put_up, set_aside, kept, alarmed, screened, switched, paused))
async def test_a_frozen_admin_lets_nothing_go_on(
    world: World, owner: Caller, prepare: Callable[[World, Caller], Awaitable[Act]]
) -> None:
    act = await prepare(world, owner)
    await freeze(world.ports, owner)
    assert await reason_of(act(world, owner)) is Reason.FROZEN
    await act(world, await world.person(10, role=Role.OWNER))


async def test_a_frozen_admin_still_stops_everything(world: World, owner: Caller) -> None:
    await freeze(world.ports, owner)
    await set_mode(world.ports, owner, Mode.PAUSED, "a test", await world.code(owner))
    await set_rail(world.ports, owner, Asset.ETH, RailState.CLOSED, await world.code(owner))
    await screen_address(world.ports, owner, "ETH", ADDRESS, "a test", True, await world.code(owner))
