"""Addresses that get nothing, or a look: screened, poisoned, and asked for twice."""

from tests.unit.wallet_core.use_cases.policing import ask, rich
from tests.unit.wallet_core.world import ADDRESS, OTHER_ADDRESS, World, reason_of, refusal
from wallet_core.domain.errors import Reason
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.payout import PayoutState
from wallet_core.domain.people import Caller
from wallet_core.domain.policies import Verdict
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
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


async def test_the_same_again_at_once_is_looked_at_until_it_was_taken_back_or_time_passed() -> None:
    world = World(duplicate_within_seconds=600)
    await world.open_rail()
    alice = await rich(world, 1, level=3)
    assert [(await ask(world, alice, "10")).state for _ in range(2)] == [PayoutState.QUEUED, PayoutState.REVIEW]
    assert (await ask(world, alice, "10.5")).state is PayoutState.QUEUED
    assert (await ask(world, alice, "10", OTHER_ADDRESS)).state is PayoutState.QUEUED
    world.clock.turn(minutes=10)
    assert (await ask(world, alice, "10")).state is PayoutState.QUEUED
