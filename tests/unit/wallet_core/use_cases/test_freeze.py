"""Freezing: at once and without a code; unfreezing takes one."""

import pytest

from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import frozen
from wallet_core.domain.people import Caller
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.unfreeze import unfreeze


@pytest.fixture
async def alice(world: World) -> Caller:
    return await world.person(1)


async def test_a_person_freezes_without_a_code_and_unfreezes_with_one(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    assert (await world.guards(alice)).frozen_by == "person:1"
    assert await reason_of(unfreeze(world.ports, alice, "000000")) is Reason.WRONG_CODE
    await unfreeze(world.ports, alice, await world.code(alice))
    assert (await world.guards(alice)).frozen_at is None


async def test_freezing_twice_says_since_when(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    since = (await world.guards(alice)).frozen_at
    world.clock.turn(minutes=1)
    with pytest.raises(Refused) as refused:
        await freeze(world.ports, alice)
    assert (refused.value.reason, refused.value.facts["frozen_at"]) == (Reason.FROZEN, since)


async def test_a_freeze_by_somebody_else_is_not_ended_by_the_person(world: World, alice: Caller) -> None:
    await world.post(changes=(frozen(alice.person, "person:9"),))
    assert await reason_of(unfreeze(world.ports, alice, await world.code(alice))) is Reason.FROZEN


async def test_unfreezing_what_is_not_frozen_uses_the_code_up(world: World, alice: Caller) -> None:
    code = await world.code(alice)
    assert await reason_of(unfreeze(world.ports, alice, code)) is Reason.NOT_FROZEN
    assert await reason_of(unfreeze(world.ports, alice, code)) is Reason.CODE_USED
