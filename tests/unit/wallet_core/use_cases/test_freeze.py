"""Freezing: at once and without a code; unfreezing takes one and a while; admins freeze with a reason and an end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.desk import told
from tests.unit.wallet_core.world import ADDRESS, World, reason_of
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards, frozen, unless_frozen
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.tend_waits import tend_waits
from wallet_core.use_cases.unfreeze import unfreeze
from wallet_core.use_cases.unfreeze_person import unfreeze_person

DAY = timedelta(days=1)


@pytest.fixture
async def alice(world: World) -> Caller:
    return await world.person(1)


@pytest.fixture
async def support(world: World) -> Caller:
    return await world.person(8, role=Role.SUPPORT)


@pytest.fixture
async def finance(world: World) -> Caller:
    return await world.person(9, role=Role.FINANCE)


async def is_frozen(world: World, person: Caller) -> bool:
    """Whether a posting that takes money would be refused now."""
    try:
        await world.post(changes=(unless_frozen(person.person),))
    except Refused as refused:
        assert refused.reason is Reason.FROZEN
        return True
    return False


async def by_admin(world: World, admin: Caller, alice: Caller, until: Any = None, reason: str = "stolen") -> None:
    code = await world.code(admin)
    await freeze_person(world.ports, admin, alice.person, reason=reason, until=until, code=code)


async def test_a_person_freezes_without_a_code_and_unfreezes_with_one_and_a_day(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    assert (await world.guards(alice)).frozen_by == "person:1"
    assert await reason_of(unfreeze(world.ports, alice, "000000")) is Reason.WRONG_CODE
    await unfreeze(world.ports, alice, await world.code(alice))
    assert await is_frozen(world, alice)
    world.clock.turn(hours=24)
    assert not await is_frozen(world, alice)


async def test_without_a_delay_the_code_ends_it_at_once() -> None:
    world = World(unfreeze_delay_seconds=0)
    alice = await world.person(1)
    await freeze(world.ports, alice)
    assert await unfreeze(world.ports, alice, await world.code(alice)) is None
    assert (await world.guards(alice)).frozen_at is None


async def test_a_thief_with_account_and_code_unfreezes_and_the_owner_takes_it_back(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    await unfreeze(world.ports, alice, await world.code(alice))
    world.clock.turn(hours=23, minutes=59)
    await freeze(world.ports, alice)
    world.clock.turn(days=3)
    assert await is_frozen(world, alice)
    assert [m["until"] for m in told(world, 1, "unfreeze_asked")] and told(world, 1, "unfreeze_cancelled")


async def test_whoever_comes_at_the_very_end_has_one_outcome(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    await unfreeze(world.ports, alice, await world.code(alice))
    world.clock.turn(hours=24)
    await freeze(world.ports, alice)
    assert (await world.guards(alice)).frozen_until is None
    assert await tend_waits(world.ports) == 0 and await is_frozen(world, alice)


async def test_an_end_that_came_is_tidied_up_and_told_once(world: World, alice: Caller) -> None:
    await freeze(world.ports, alice)
    await unfreeze(world.ports, alice, await world.code(alice))
    assert await tend_waits(world.ports) == 0
    world.clock.turn(hours=24, seconds=1)
    assert [await tend_waits(world.ports), await tend_waits(world.ports)] == [1, 0]
    assert (await world.guards(alice)).frozen_at is None and len(told(world, 1, "thawed")) == 1


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


async def test_support_freezes_with_a_reason_and_an_end_that_comes_by_itself(
    world: World, alice: Caller, support: Caller
) -> None:
    until = world.clock() + DAY
    await by_admin(world, support, alice, until)
    assert told(world, 1, "frozen_by_admin") == [{"reason": "stolen", "until": until}]
    world.clock.turn(hours=23)
    assert await is_frozen(world, alice)
    assert await reason_of(unfreeze(world.ports, alice, await world.code(alice))) is Reason.FROZEN
    world.clock.now = until
    assert not await is_frozen(world, alice)


@pytest.mark.parametrize("own_first", [True, False])
async def test_the_persons_own_freeze_outlives_an_admins(
    world: World, alice: Caller, support: Caller, own_first: bool
) -> None:
    if own_first:
        await freeze(world.ports, alice)
    await by_admin(world, support, alice, world.clock() + DAY)
    if not own_first:
        await freeze(world.ports, alice)
    world.clock.turn(days=2)
    assert await is_frozen(world, alice)
    assert await tend_waits(world.ports) == 1
    assert (await world.guards(alice)).frozen_by == "person:1"
    await unfreeze(world.ports, alice, await world.code(alice))
    world.clock.turn(days=1)
    assert not await is_frozen(world, alice)


async def test_finance_ends_an_admins_freeze_and_never_a_persons_own(
    world: World, alice: Caller, support: Caller, finance: Caller
) -> None:
    await by_admin(world, support, alice)
    assert await reason_of(unfreeze_person(world.ports, support, 1, await world.code(support))) is Reason.NOT_ALLOWED
    await unfreeze_person(world.ports, finance, 1, await world.code(finance))
    assert not await is_frozen(world, alice)
    await freeze(world.ports, alice)
    assert await reason_of(unfreeze_person(world.ports, finance, 1, await world.code(finance))) is Reason.FROZEN


REFUSALS: list[tuple[str, Callable[[World], dict[str, Any]], Reason]] = [
    ("nobody", lambda w: {"person": 77}, Reason.NOT_FOUND),
    ("oneself", lambda w: {"person": 8}, Reason.RECIPIENT_IS_SELF),
    ("a higher role", lambda w: {"person": 9}, Reason.NOT_ALLOWED),
    ("no reason", lambda w: {"reason": "  "}, Reason.NOT_FOUND),
    ("an end that is over", lambda w: {"until": w.clock()}, Reason.BAD_END),
]


@pytest.mark.usefixtures("alice", "finance")
@pytest.mark.parametrize(("given", "reason"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
async def test_what_support_may_not_freeze(world: World, support: Caller, given: Any, reason: Reason) -> None:
    asked = {"person": 1, "reason": "stolen", "until": None, "code": await world.code(support), **given(world)}
    assert await reason_of(freeze_person(world.ports, support, asked.pop("person"), **asked)) is reason


async def test_a_frozen_admin_ends_nobodys_freeze(
    world: World, alice: Caller, support: Caller, finance: Caller
) -> None:
    await by_admin(world, support, alice)
    await freeze(world.ports, finance)
    assert await reason_of(unfreeze_person(world.ports, finance, 1, await world.code(finance))) is Reason.FROZEN


def test_a_planted_end_that_nobody_looks_at_would_be_seen(world: World) -> None:
    ends = Guards(id=1, frozen_at=world.clock(), frozen_by="person:9", frozen_until=world.clock() + DAY)
    assert ends.freeze(world.clock() + DAY) is None and ends.freeze(world.clock()) is not None
    assert ends.frozen_at is not None, "who looked at this alone would hold the person for ever"


async def test_the_policies_look_at_the_end_of_a_freeze_as_well(world: World, alice: Caller, support: Caller) -> None:
    await world.open_rail()
    await world.fund(alice, 100)
    end = world.clock() + DAY
    await by_admin(world, support, alice, end)
    with pytest.raises(Refused) as refused:
        await quote_withdrawal(world.ports, alice, "5", "ETH", ADDRESS)
    assert refused.value.facts["policy"] == "frozen_person"
    numbers = refused.value.facts["numbers"]
    assert (numbers["why"], numbers["frees_at"]) == ("stolen", end)
    world.clock.turn(days=1)
    await quote_withdrawal(world.ports, alice, "5", "ETH", ADDRESS)
