"""Addresses that get nothing, or a look: screened, poisoned, and asked for twice."""

import pytest

from tests.unit.wallet_core.use_cases.policing import ask, rich
from tests.unit.wallet_core.world import ADDRESS, OTHER_ADDRESS, World, reason_of, refusal
from wallet_core.domain.errors import Reason
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.policies import Verdict
from wallet_core.use_cases import policy_facts
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.review_withdrawal import review_withdrawal
from wallet_core.use_cases.screen_address import screen_address
from wallet_core.use_cases.show_screening import show_screening

#: Begins and ends like ADDRESS, and is another one.
LOOK_ALIKE = "0x5aaeb" + "0" * 29 + "1beaed"


# The screening list, look-alikes, duplicates


async def test_an_address_on_the_list_gets_nothing_until_it_is_taken_off(world: World, owner: Caller) -> None:
    alice = await rich(world, 1)
    entry = await screen_address(
        world.ports, owner, "eth", ADDRESS.lower(), "theft of October", True, await world.code(owner)
    )
    assert (entry.address, entry.by, entry.why) == (ADDRESS, owner.person, "theft of October")
    refused = await refusal(quote_withdrawal(world.ports, alice, "10", "ETH", ADDRESS))
    assert refused.facts["policy"] == "address_screening"
    assert (await ask(world, alice, "10", OTHER_ADDRESS)).state is PayoutState.QUEUED
    assert [one.id for one in (await show_screening(world.ports, owner, 1)).addresses] == [entry.id]
    await screen_address(world.ports, owner, "ETH", ADDRESS, "a mistake", False, await world.code(owner))
    assert (await ask(world, alice, "10")).state is PayoutState.QUEUED
    assert (await show_screening(world.ports, owner, 1)).addresses == ()
    again = screen_address(world.ports, owner, "ETH", ADDRESS, "twice", False, await world.code(owner))
    assert await reason_of(again) is Reason.NOT_FOUND
    kept = [record.facts["why"] for record in await world.memory.find(JournalRecord, {"kind": "screening_changed"})]
    assert sorted(kept) == ["a mistake", "theft of October"]


async def test_a_poisoned_address_is_looked_at_and_the_known_one_is_not(world: World, owner: Caller) -> None:
    alice, bob = await rich(world, 1), await rich(world, 2)
    await ask(world, alice, "10")
    reviewed = await ask(world, alice, "11", LOOK_ALIKE)
    assert reviewed.state is PayoutState.REVIEW
    told = [traced for traced in reviewed.decision["trace"] if traced["verdict"] == Verdict.REVIEW]
    assert [(one["policy"], one["numbers"]["similar_address"]) for one in told] == [("look_alike_address", ADDRESS)]
    assert (await ask(world, alice, "12")).state is PayoutState.QUEUED
    assert (await ask(world, bob, "10", LOOK_ALIKE)).state is PayoutState.QUEUED


async def test_asking_a_poisoned_address_twice_is_no_way_around_its_review(world: World, owner: Caller) -> None:
    alice = await rich(world, 1, level=3)
    await ask(world, alice, "10")
    waiting = await ask(world, alice, "6", LOOK_ALIKE)
    quote = await quote_withdrawal(world.ports, alice, "7", "ETH", LOOK_ALIKE)
    assert quote.decision.verdict is Verdict.REVIEW
    again = await request_withdrawal(world.ports, alice, quote.intent.id, await world.code(alice))
    assert (waiting.state, again.state) == (PayoutState.REVIEW, PayoutState.REVIEW)
    # Refused, the address stays what it was; and what is asked for again is looked at anew.
    await review_withdrawal(world.ports, owner, waiting.id, False, await world.code(owner))
    assert (await ask(world, alice, "8", LOOK_ALIKE)).state is PayoutState.REVIEW
    stored = await world.memory.get(Withdrawal, again.id)
    assert stored is not None and stored.state is PayoutState.REVIEW


async def test_a_planted_rule_that_takes_any_earlier_request_for_use_lets_the_poisoner_be_paid(
    world: World, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_facts, "_in_review", lambda _first: frozenset())
    alice = await rich(world, 1, level=3)
    await ask(world, alice, "10")
    states = [(await ask(world, alice, itd, LOOK_ALIKE)).state for itd in ("6", "7")]
    assert states == [PayoutState.REVIEW, PayoutState.QUEUED]


async def test_what_a_reviewer_let_through_is_known_and_what_waits_beside_it_still_waits(
    world: World, owner: Caller
) -> None:
    alice = await rich(world, 1, level=3)
    await ask(world, alice, "10")
    first, second = [await ask(world, alice, itd, LOOK_ALIKE) for itd in ("6", "7")]
    await review_withdrawal(world.ports, owner, first.id, True, await world.code(owner))
    assert (await ask(world, alice, "8", LOOK_ALIKE)).state is PayoutState.QUEUED
    stored = await world.memory.get(Withdrawal, second.id)
    assert stored is not None and stored.state is PayoutState.REVIEW


async def test_an_address_under_review_is_one_that_others_may_look_like(world: World, owner: Caller) -> None:
    alice = await rich(world, 1, level=3)
    assert (await ask(world, alice, "201")).state is PayoutState.REVIEW
    assert (await ask(world, alice, "6", LOOK_ALIKE)).state is PayoutState.REVIEW


async def test_the_same_again_at_once_is_looked_at_until_it_was_taken_back_or_time_passed() -> None:
    world = World(duplicate_within_seconds=600)
    await world.open_rail()
    alice = await rich(world, 1, level=3)
    assert [(await ask(world, alice, "10")).state for _ in range(2)] == [PayoutState.QUEUED, PayoutState.REVIEW]
    assert (await ask(world, alice, "10.5")).state is PayoutState.QUEUED
    assert (await ask(world, alice, "10", OTHER_ADDRESS)).state is PayoutState.QUEUED
    world.clock.turn(minutes=10)
    assert (await ask(world, alice, "10")).state is PayoutState.QUEUED
