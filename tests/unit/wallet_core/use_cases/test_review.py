"""Reviewing: what the policies put up, decided once, by somebody else, with a code of their own."""

import dataclasses
from typing import Any

import pytest

from tests.unit.wallet_core.desk import Slow
from tests.unit.wallet_core.use_cases.test_withdrawal import FEE, requested, state_of
from tests.unit.wallet_core.world import ITD, NOON, World, reason_of
from wallet_core.domain.approval import Approval
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Target
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.review_withdrawal import review_withdrawal
from wallet_core.use_cases.show_reviews import show_reviews


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


async def cards(world: World, *readers: int) -> list[dict[str, Any]]:
    """What the review card of each of these admins says now; each has one that is edited."""
    found = await world.memory.find(OutboxMessage, {"template": "review_waiting"}, order_by=("at", "order"))
    shown = {message.person: (message.thread, message.facts) for message in found}
    assert {m.thread for m in found} == {thread for thread, _ in shown.values()} and set(shown) == set(readers)
    return [dict(shown[reader][1]) for reader in readers]


@pytest.mark.parametrize("after", ["queued", "refused", "cancelled"])
async def test_every_reviewers_card_says_who_decided_what(
    world: World, alice: Caller, finance: Caller, after: str
) -> None:
    await world.person(10, "olga", role=Role.OWNER)
    withdrawal = await requested(world, alice, "201")
    assert [card["state"] for card in await cards(world, 9, 10)] == ["review", "review"]
    if after == "cancelled":
        await cancel_withdrawal(world.ports, alice, withdrawal.id)
    else:
        code = await world.code(finance)
        await review_withdrawal(world.ports, finance, withdrawal.id, after == "queued", code, why="not yours")
    by = alice if after == "cancelled" else finance
    for card in await cards(world, 9, 10):
        assert (card["state"], card["decided_by"]) == (after, by.person)
        assert card["decided_by_name"] and card.get("why") == ("not yours" if after == "refused" else None)


async def test_the_card_of_a_large_one_stays_open_until_the_second_admin_decides(
    world: World, finance: Caller, large: Withdrawal
) -> None:
    second = await world.person(10, role=Role.OWNER)
    await approve_it(world, finance, large)
    assert [card["state"] for card in await cards(world, 9)] == ["review"]
    await approve_it(world, second, large)
    assert [(card["state"], card["decided_by"]) for card in await cards(world, 9, 10)] == [("queued", 10)] * 2


@pytest.mark.parametrize("approves", [True, False])
async def test_of_two_admins_who_decide_at_once_the_second_is_told_so(
    world: World, alice: Caller, finance: Caller, approves: bool
) -> None:
    second = await world.person(10, role=Role.OWNER)
    withdrawal = await requested(world, alice, "201")
    codes = {finance: await world.code(finance), second: await world.code(second)}

    async def faster() -> None:
        await review_withdrawal(world.ports, second, withdrawal.id, approves, codes[second], why="hers")

    kind = "withdrawal_approved" if approves else "withdrawal_refused"
    ports = dataclasses.replace(world.ports, ledger=Slow(world, kind, faster))
    with pytest.raises(AlreadyDone) as done:
        await review_withdrawal(ports, finance, withdrawal.id, approves, codes[finance], why="his")
    assert done.value.result.reviewed_by == second.person
    assert {card["decided_by"] for card in await cards(world, 9, 10)} == {second.person}


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


# Above the limit two admins approve


@pytest.fixture
async def large(world: World, alice: Caller, finance: Caller) -> Withdrawal:
    await world.post(changes=(ChangeGuards(1, lambda guards, _: guards.with_(level=3)),))
    await world.fund(alice, 2_000)
    return await requested(world, alice, "1001")


async def approve_it(world: World, admin: Caller, withdrawal: Withdrawal) -> Approval | None:
    return await review_withdrawal(world.ports, admin, withdrawal.id, True, await world.code(admin))


async def test_a_large_withdrawal_takes_two_admins_whichever_button_the_second_presses(
    world: World, finance: Caller, large: Withdrawal
) -> None:
    second = await world.person(10, role=Role.OWNER)
    asked = await approve_it(world, finance, large)
    assert asked is not None and await state_of(world, large) is PayoutState.REVIEW
    with pytest.raises(AlreadyDone) as done:
        await approve_it(world, finance, large)
    assert done.value.result.id == asked.id
    approved = await approve_it(world, second, large)
    assert approved is not None and (approved.asked_by, approved.decided_by) == (9, 10)
    stored = await world.memory.get(Withdrawal, large.id)
    assert stored is not None and (stored.state, stored.reviewed_by) == (PayoutState.QUEUED, 10)


@pytest.mark.parametrize("first_again", [True, False])
async def test_of_two_admins_who_ask_at_once_whoever_approves_again_makes_it_two(
    world: World, finance: Caller, large: Withdrawal, first_again: bool
) -> None:
    second = await world.person(10, role=Role.OWNER)
    codes = {finance: await world.code(finance), second: await world.code(second)}
    slow = Slow(world, "approval_asked", lambda: review_withdrawal(world.ports, second, large.id, True, codes[second]))
    ports = dataclasses.replace(world.ports, ledger=slow)
    await review_withdrawal(ports, finance, large.id, True, codes[finance])
    assert await world.memory.count(Approval, {}) == 2 and await state_of(world, large) is PayoutState.REVIEW
    page = await show_reviews(world.ports, finance)
    assert page.asked is not None and page.asked.asked_by == second.person and not page.has_asked
    approved = await approve_it(world, finance if first_again else second, large)
    assert approved is not None and await state_of(world, large) is PayoutState.QUEUED
    assert {approved.asked_by, approved.decided_by} == {9, 10}


async def test_whose_withdrawal_it_is_does_not_make_up_the_second(
    world: World, alice: Caller, finance: Caller, large: Withdrawal
) -> None:
    await world.set_role(1, Role.OWNER)
    asked = await approve_it(world, finance, large)
    assert asked is not None
    code = await world.code(alice)
    assert await reason_of(approve(world.ports, alice, asked.id, code)) is Reason.NOT_ALLOWED
    assert await state_of(world, large) is PayoutState.REVIEW


async def test_the_server_approves_no_money(world: World, finance: Caller, large: Withdrawal) -> None:
    asked = await approve_it(world, finance, large)
    assert asked is not None
    assert await reason_of(approve_at_server(world.ports, asked.id)) is Reason.NOT_ALLOWED


@pytest.mark.parametrize("change", [{"mac": "0" * 64}, {"quoted_until": NOON}])
async def test_the_approval_of_a_withdrawal_is_void_when_anything_of_it_changed(
    world: World, finance: Caller, large: Withdrawal, change: dict[str, Any]
) -> None:
    second = await world.person(10, role=Role.OWNER)
    asked = await approve_it(world, finance, large)
    assert asked is not None
    world.memory.documents[Target(Withdrawal.collection, large.id)] |= change
    with pytest.raises((Refused, InvariantViolated)):
        await approve(world.ports, second, asked.id, await world.code(second))
    assert await state_of(world, large) is PayoutState.REVIEW


async def test_one_admin_refuses_a_large_one_and_the_person_reads_why(
    world: World, alice: Caller, finance: Caller, large: Withdrawal
) -> None:
    second = await world.person(10, role=Role.OWNER)
    asked = await approve_it(world, finance, large)
    code = await world.code(second)
    await review_withdrawal(world.ports, second, large.id, False, code, why="The address is not yours")
    assert await state_of(world, large) is PayoutState.REFUSED
    (record,) = await world.memory.find(JournalRecord, {"kind": "withdrawal_refused"})
    assert record.facts["why"] == "The address is not yours"
    told = await world.memory.find(OutboxMessage, {"template": "withdrawal", "person": 1})
    assert [m.facts["why"] for m in told if m.facts["step"] == "refused"] == ["The address is not yours"]
    assert asked is not None
    refused = await reason_of(approve(world.ports, second, asked.id, await world.code(second)))
    assert refused is Reason.CHANGED_MEANWHILE
