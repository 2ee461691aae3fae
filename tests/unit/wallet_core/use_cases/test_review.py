"""Reviewing: what the policies put up, decided once, by somebody else, with a code of their own."""

import pytest

from tests.unit.wallet_core.use_cases.test_withdrawal import FEE, requested, state_of
from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, Reason
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.review_withdrawal import review_withdrawal


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail()
    alice = await world.person(1)
    await world.fund(alice, 1_000)
    return alice


@pytest.fixture
async def finance(world: World) -> Caller:
    return await world.person(9, role=Role.FINANCE)


async def test_a_large_withdrawal_is_held_and_the_reviewers_are_told(
    world: World, alice: Caller, finance: Caller
) -> None:
    withdrawal = await requested(world, alice, "201")
    assert withdrawal.state is PayoutState.REVIEW
    assert await world.money(alice) == (1_000 * ITD - 201 * ITD - FEE, 201 * ITD + FEE)
    (told,) = await world.memory.find(OutboxMessage, {"template": "review_waiting"})
    assert (told.person, told.facts["person"], told.facts["amount_minor"]) == (finance.person, 1, 201 * ITD)


async def test_approving_queues_it_once(world: World, alice: Caller, finance: Caller) -> None:
    withdrawal = await requested(world, alice, "201")
    await review_withdrawal(world.ports, finance, withdrawal.id, True, await world.code(finance))
    stored = await world.memory.get(Withdrawal, withdrawal.id)
    assert stored is not None
    assert (stored.state, stored.reviewed_by) == (PayoutState.QUEUED, finance.person)
    with pytest.raises(AlreadyDone):
        await review_withdrawal(world.ports, finance, withdrawal.id, False, await world.code(finance))
    assert await state_of(world, withdrawal) is PayoutState.QUEUED


async def test_refusing_gives_the_money_back(world: World, alice: Caller, finance: Caller) -> None:
    withdrawal = await requested(world, alice, "201")
    await review_withdrawal(world.ports, finance, withdrawal.id, False, await world.code(finance))
    assert await state_of(world, withdrawal) is PayoutState.REFUSED
    assert await world.money(alice) == (1_000 * ITD, 0)
    assert set(world.sums().values()) == {0}


async def test_an_admin_decides_nothing_without_their_own_code(world: World, alice: Caller, finance: Caller) -> None:
    withdrawal = await requested(world, alice, "201")
    for code in ("000000", await world.code(alice)):
        wrong = await reason_of(review_withdrawal(world.ports, finance, withdrawal.id, True, code))
        assert wrong is Reason.WRONG_CODE
    assert await state_of(world, withdrawal) is PayoutState.REVIEW


async def test_nobody_reviews_their_own_withdrawal(world: World, finance: Caller) -> None:
    await world.open_rail()
    await world.fund(finance, 1_000)
    withdrawal = await requested(world, finance, "201")
    code = await world.code(finance)
    assert await reason_of(review_withdrawal(world.ports, finance, withdrawal.id, True, code)) is Reason.NOT_ALLOWED
    assert await state_of(world, withdrawal) is PayoutState.REVIEW


async def test_the_person_may_cancel_while_it_is_under_review(world: World, alice: Caller, finance: Caller) -> None:
    withdrawal = await requested(world, alice, "201")
    await cancel_withdrawal(world.ports, alice, withdrawal.id)
    assert await world.money(alice) == (1_000 * ITD, 0)
    with pytest.raises(AlreadyDone):
        await review_withdrawal(world.ports, finance, withdrawal.id, True, await world.code(finance))
