"""Money that waits: held once, claimed once, or back with its sender with everything that it took."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.claimable import Claimable, ClaimableState, ClaimBy
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.inline_offer import InlineOffer
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Target
from wallet_core.use_cases.accept_claimant import accept_claimant
from wallet_core.use_cases.ask_claim import ask_claim
from wallet_core.use_cases.claim import claim
from wallet_core.use_cases.claim_links import start_parameter
from wallet_core.use_cases.claim_offer import claim_offer
from wallet_core.use_cases.claimables import giving_back
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.post_offer import post_offer
from wallet_core.use_cases.quote_send import ByLink, Picked, quote_send
from wallet_core.use_cases.refuse_claimant import refuse_claimant
from wallet_core.use_cases.show_claimables import show_claimables
from wallet_core.use_cases.suggest_offer import suggest_offer
from wallet_core.use_cases.take_back_send import take_back_send

DAY = "2026-11-22"
LATER = 77


@pytest.fixture
async def alice(world: World) -> Caller:
    alice = await world.person(1, "alice")
    await world.fund(alice, 400)
    return alice


@pytest.fixture
async def bob(world: World) -> Caller:
    return await world.person(2, "bob")


async def sent_to(world: World, sender: Caller, to: str | Picked | ByLink, amount: str = "5") -> str:
    quote = await quote_send(world.ports, sender, amount, to, note="for lunch")
    await confirm_send(world.ports, sender, quote.intent.id, await world.code(sender))
    return quote.intent.id


async def state_of(world: World, claimable_id: str) -> Claimable:
    found = await world.ports.store.get(Claimable, claimable_id)
    assert found is not None, "nothing is held under this id"
    return found


async def counted(world: World, caller: Caller, operation: Operation) -> tuple[int, int]:
    guards = await world.guards(caller)
    counter = used(guards, operation, DAY)
    return counter.count, counter.amount_minor


async def test_what_is_sent_to_somebody_who_has_not_joined_waits_for_them(world: World, alice: Caller) -> None:
    held = await sent_to(world, alice, Picked(LATER, "Zoe"))
    assert await world.money(alice) == (395 * ITD, 5 * ITD)
    found = await state_of(world, held)
    assert (found.by, found.recipient, found.recipient_name, found.note) == (
        ClaimBy.PERSON, LATER, "Zoe", "for lunch"
    )  # fmt: skip
    zoe = await world.person(LATER, "zoe")
    assert [one.id for one in (await show_claimables(world.ports, zoe)).for_me] == [held]
    assert (await claim(world.ports, zoe, held)).state is ClaimableState.CLAIMED
    assert await world.money(zoe) == (5 * ITD, 0)
    assert await world.money(alice) == (395 * ITD, 0)
    assert await counted(world, zoe, Operation.RECEIVE) == (1, 5 * ITD)


async def test_it_is_nobody_elses(world: World, alice: Caller, bob: Caller) -> None:
    held = await sent_to(world, alice, Picked(LATER, "Zoe"))
    assert await reason_of(claim(world.ports, bob, held)) is Reason.NOT_YOURS
    assert await reason_of(claim(world.ports, alice, held)) is Reason.RECIPIENT_IS_SELF
    assert await world.money(bob) == (0, 0)


async def test_who_joins_before_it_is_confirmed_has_it_at_once(world: World, alice: Caller) -> None:
    quote = await quote_send(world.ports, alice, "5", Picked(LATER, "Zoe"))
    zoe = await world.person(LATER, "zoe")
    await confirm_send(world.ports, alice, quote.intent.id, await world.code(alice))
    assert await world.money(zoe) == (5 * ITD, 0)


async def test_a_full_day_of_the_recipient_makes_it_wait_and_tells_the_sender_no_figures(
    world: World, alice: Caller, bob: Caller
) -> None:
    for number in range(5):
        other = await world.person(10 + number)
        await world.fund(other, 400)
        await sent_to(world, other, "@bob", "400")
    held = await sent_to(world, alice, "@bob", "1")
    assert (await state_of(world, held)).recipient == bob.person
    told = await world.ports.store.find(OutboxMessage, {"person": alice.person, "template": "claimable_sent"})
    assert not {"used_minor", "limit_minor", "limit_count"} & set(told[0].facts)
    with pytest.raises(Refused) as refused:
        await claim(world.ports, bob, held)
    assert (refused.value.reason, refused.value.facts["used_minor"]) == (Reason.LIMIT_AMOUNT, 2_000 * ITD)
    world.clock.turn(days=1)
    await claim(world.ports, bob, held)
    assert await world.money(bob) == (2_001 * ITD, 0)


async def test_by_link_the_sender_says_who_it_is(world: World, alice: Caller, bob: Caller) -> None:
    held = await sent_to(world, alice, ByLink())
    link = start_parameter(world.ports, held)
    assert (await ask_claim(world.ports, bob, link)).state is ClaimableState.ASKED
    assert await world.money(bob) == (0, 0)
    assert await counted(world, bob, Operation.RECEIVE) == (1, 5 * ITD)
    await accept_claimant(world.ports, alice, held, bob.person)
    assert await world.money(bob) == (5 * ITD, 0)
    assert await counted(world, bob, Operation.RECEIVE) == (1, 5 * ITD)


async def test_the_wrong_one_gets_nothing_and_their_day_back(world: World, alice: Caller, bob: Caller) -> None:
    held = await sent_to(world, alice, ByLink())
    link = start_parameter(world.ports, held)
    await ask_claim(world.ports, bob, link)
    zoe = await world.person(LATER, "zoe")
    assert await reason_of(ask_claim(world.ports, zoe, link)) is Reason.WRONG_STATE
    await refuse_claimant(world.ports, alice, held, bob.person)
    assert await counted(world, bob, Operation.RECEIVE) == (0, 0)
    await ask_claim(world.ports, zoe, link)
    assert await reason_of(accept_claimant(world.ports, alice, held, bob.person)) is Reason.CHANGED_MEANWHILE
    await accept_claimant(world.ports, alice, held, zoe.person)
    assert (await world.money(bob), await world.money(zoe)) == ((0, 0), (5 * ITD, 0))


@pytest.mark.parametrize("spoiled", ["", "c", "x" * 64, "id", "word"])
async def test_a_link_that_was_made_up_opens_nothing(world: World, alice: Caller, bob: Caller, spoiled: str) -> None:
    held = await sent_to(world, alice, ByLink())
    right = start_parameter(world.ports, held)
    assert len(f"c{right}") <= 64
    made_up = {"id": "0" * 32 + right[32:], "word": right[:32] + "0" * 24}.get(spoiled, spoiled)
    assert await reason_of(ask_claim(world.ports, bob, made_up)) is Reason.NOT_FOUND


async def test_without_a_link_nobody_claims_what_has_one(world: World, alice: Caller, bob: Caller) -> None:
    held = await sent_to(world, alice, ByLink())
    assert await reason_of(claim(world.ports, bob, held)) is Reason.NOT_YOURS


async def test_taken_back_everything_is_as_before(world: World, alice: Caller, bob: Caller) -> None:
    held = await sent_to(world, alice, ByLink())
    await ask_claim(world.ports, bob, start_parameter(world.ports, held))
    await take_back_send(world.ports, alice, held)
    assert await world.money(alice) == (400 * ITD, 0)
    assert await counted(world, alice, Operation.SEND) == (0, 0)
    assert await counted(world, bob, Operation.RECEIVE) == (0, 0)
    with pytest.raises(AlreadyDone):
        await take_back_send(world.ports, alice, held)
    assert await reason_of(accept_claimant(world.ports, alice, held, bob.person)) is Reason.WRONG_STATE


async def test_over_its_time_nobody_claims_it_and_both_days_get_back_what_it_took(
    world: World, alice: Caller, bob: Caller
) -> None:
    held = await sent_to(world, alice, ByLink())
    await ask_claim(world.ports, bob, start_parameter(world.ports, held))
    world.clock.turn(days=15)
    assert await reason_of(accept_claimant(world.ports, alice, held, bob.person)) is Reason.EXPIRED
    found = await state_of(world, held)
    await world.ports.ledger.post(giving_back(found, ClaimableState.RETURNED, "test"))
    assert await world.money(alice) == (400 * ITD, 0)
    assert await counted(world, alice, Operation.SEND) == (0, 0)
    assert await counted(world, bob, Operation.RECEIVE) == (0, 0)


async def test_a_frozen_senders_money_stays(world: World, alice: Caller) -> None:
    held = await sent_to(world, alice, Picked(LATER, "Zoe"))
    zoe = await world.person(LATER, "zoe")
    await freeze(world.ports, alice)
    assert await reason_of(claim(world.ports, zoe, held)) is Reason.FROZEN
    await take_back_send(world.ports, alice, held)
    assert await world.money(alice) == (400 * ITD, 0)


async def one_outcome(*rivals: Awaitable[object]) -> int:
    """How many of the rivals had their way."""
    results = await asyncio.gather(*rivals, return_exceptions=True)
    assert all(isinstance(one, Claimable | Refused | AlreadyDone) for one in results), results
    return sum(isinstance(one, Claimable) for one in results)


async def test_of_claim_and_taking_back_one_wins(world: World, alice: Caller) -> None:
    held = await sent_to(world, alice, Picked(LATER, "Zoe"))
    zoe = await world.person(LATER, "zoe")
    assert await one_outcome(claim(world.ports, zoe, held), take_back_send(world.ports, alice, held)) == 1
    found = await state_of(world, held)
    got = 5 * ITD if found.state is ClaimableState.CLAIMED else 0
    assert (await world.money(alice))[0] + got == 400 * ITD
    assert await world.money(zoe) == (got, 0)
    assert found.expires_at - world.clock() <= timedelta(days=14)


async def test_nothing_is_debited_while_it_is_typed_and_the_first_one_has_it(
    world: World, alice: Caller, bob: Caller
) -> None:
    await sent_to(world, alice, "@bob", "1")
    offer = await suggest_offer(world.ports, alice, "5", "for the first")
    assert await world.money(alice) == (399 * ITD, 0)
    await post_offer(world.ports, alice, offer.id)
    assert await world.money(alice) == (394 * ITD, 5 * ITD)
    zoe = await world.person(LATER, "zoe")
    await claim_offer(world.ports, zoe, offer.id)
    assert await reason_of(claim_offer(world.ports, bob, offer.id)) is Reason.WRONG_STATE
    with pytest.raises(AlreadyDone):
        await claim_offer(world.ports, zoe, offer.id)
    assert (await world.money(alice), await world.money(zoe)) == ((394 * ITD, 0), (5 * ITD, 0))


async def test_an_offer_that_telegram_did_not_tell_of_is_held_when_it_is_claimed(
    world: World, alice: Caller, bob: Caller
) -> None:
    await sent_to(world, alice, "@bob", "1")
    offer = await suggest_offer(world.ports, alice, "5")
    assert await reason_of(claim_offer(world.ports, alice, offer.id)) is Reason.RECIPIENT_IS_SELF
    await claim_offer(world.ports, bob, offer.id)
    assert (await world.money(alice), await world.money(bob)) == ((394 * ITD, 0), (6 * ITD, 0))


async def test_an_offer_that_takes_a_code_waits_for_the_senders(world: World, alice: Caller, bob: Caller) -> None:
    offer = await suggest_offer(world.ports, alice, "60")
    assert await reason_of(claim_offer(world.ports, bob, offer.id)) is Reason.CODE_NEEDED
    assert await reason_of(post_offer(world.ports, alice, offer.id)) is Reason.CODE_NEEDED
    assert await reason_of(post_offer(world.ports, bob, offer.id)) is Reason.NOT_YOURS
    assert await world.money(alice) == (400 * ITD, 0)
    await post_offer(world.ports, alice, offer.id, await world.code(alice))
    await claim_offer(world.ports, bob, offer.id)
    assert await world.money(bob) == (60 * ITD, 0)


async def test_an_old_offer_is_nobodys(world: World, alice: Caller, bob: Caller) -> None:
    offer = await suggest_offer(world.ports, alice, "5")
    world.clock.turn(minutes=6)
    assert await reason_of(claim_offer(world.ports, bob, offer.id)) is Reason.EXPIRED
    assert await world.money(alice) == (400 * ITD, 0)


@pytest.mark.parametrize(
    "harm", [{"amount_minor": 300 * ITD}, {"recipient": 66}, {"person": 3}, {"by": "first"}, {"fee_minor": 1}], ids=str
)
async def test_money_that_waits_is_not_made_somebody_elses_in_the_database(
    world: World, alice: Caller, bob: Caller, harm: dict[str, object]
) -> None:
    thief = await world.person(66)
    held = await sent_to(world, alice, Picked(77, "zoe"))
    # What else is held of the same people is there to be taken.
    await sent_to(world, alice, ByLink(), "350")
    world.memory.documents[Target(Claimable.collection, held)] |= harm
    for call in (claim(world.ports, thief, held), take_back_send(world.ports, alice, held)):
        with pytest.raises(InvariantViolated):
            await call
    assert await world.money(thief) == (0, 0)


async def test_an_offer_that_its_sender_never_typed_takes_nothing_from_them(world: World, alice: Caller) -> None:
    thief = await world.person(66)
    until = await world.ports.store.now() + timedelta(minutes=5)
    planted = InlineOffer(id="f" * 32, person=alice.person, amount_minor=5 * ITD, fee_minor=0, expires_at=until)
    await world.ports.store.put(planted)
    with pytest.raises(InvariantViolated):
        await claim_offer(world.ports, thief, planted.id)
    assert await world.money(alice) == (400 * ITD, 0)
