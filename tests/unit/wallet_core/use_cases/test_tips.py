"""A message in a group asks for one send; its group is told what becomes of it, and nothing besides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.claimable import Claimable
from wallet_core.domain.errors import AlreadyDone, Reason
from wallet_core.domain.people import Caller
from wallet_core.use_cases.claim import claim
from wallet_core.use_cases.claim_offer import claim_offer
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.drop_offer import drop_offer
from wallet_core.use_cases.post_offer import post_offer
from wallet_core.use_cases.quote_send import Picked, quote_send
from wallet_core.use_cases.quote_tip import quote_tip
from wallet_core.use_cases.recent_recipients import recent_recipients
from wallet_core.use_cases.suggest_offer import suggest_offer
from wallet_core.use_cases.take_back_send import take_back_send

GROUP, MESSAGE, LATER = -5, 17, 77
#: All that a group may be told.
PUBLIC = {"id", "group", "by", "state", "amount_minor", "note", "sender_name", "recipient_name"}


@pytest.fixture
async def alice(world: World) -> Caller:
    alice = await world.person(1, "alice")
    await world.fund(alice, 400)
    return alice


@pytest.fixture
async def bob(world: World) -> Caller:
    return await world.person(2, "bob")


async def tip(world: World, sender: Caller, to: Picked, message: int = MESSAGE, amount: str = "5") -> str:
    quote = await quote_tip(world.ports, sender, amount, to, "thanks", group=GROUP, message=message)
    await confirm_send(world.ports, sender, quote.intent.id, await world.code(sender))
    return quote.intent.id


async def told_publicly(world: World) -> list[dict[str, Any]]:
    found = await world.ports.store.find(OutboxMessage, {"template": "public_send"}, order_by=("at", "order"))
    assert all(set(message.facts) == PUBLIC for message in found)
    return [message.facts for message in found]


async def test_the_same_message_tips_once(world: World, alice: Caller, bob: Caller) -> None:
    await tip(world, alice, Picked(2))
    with pytest.raises(AlreadyDone):
        await quote_tip(world.ports, alice, "5", Picked(2), "thanks", group=GROUP, message=MESSAGE)
    assert await world.money(bob) == (5 * ITD, 0)
    await tip(world, alice, Picked(2), message=MESSAGE + 1)
    assert await world.money(bob) == (10 * ITD, 0)
    facts = await told_publicly(world)
    assert [(one["group"], one["state"], one["amount_minor"]) for one in facts] == [(GROUP, "claimed", 5 * ITD)] * 2


async def test_asked_twice_before_it_is_confirmed_it_is_one_offer(world: World, alice: Caller, bob: Caller) -> None:
    first = await quote_tip(world.ports, alice, "5", Picked(2), "", group=GROUP, message=MESSAGE)
    second = await quote_tip(world.ports, alice, "5", Picked(2), "", group=GROUP, message=MESSAGE)
    assert first.intent == second.intent
    other = await quote_tip(world.ports, alice, "5", Picked(2), "", group=GROUP - 1, message=MESSAGE)
    assert other.intent.id != first.intent.id


async def test_what_waits_is_followed_in_the_group(world: World, alice: Caller) -> None:
    held = await tip(world, alice, Picked(LATER, "Zoe"))
    zoe = await world.person(LATER, "zoe")
    await claim(world.ports, zoe, held)
    back = await tip(world, alice, Picked(LATER + 1, "Yan"), message=MESSAGE + 1)
    await take_back_send(world.ports, alice, back)
    facts = await told_publicly(world)
    assert {one["state"] for one in facts if one["id"] == held} == {"open", "claimed"}
    assert {one["state"] for one in facts if one["id"] == back} == {"open", "taken_back"}


async def test_a_private_send_is_told_to_nobody_else(world: World, alice: Caller, bob: Caller) -> None:
    quote = await quote_send(world.ports, alice, "5", "@bob")
    await confirm_send(world.ports, alice, quote.intent.id, await world.code(alice))
    quote = await quote_send(world.ports, alice, "5", Picked(LATER, "Zoe"))
    await confirm_send(world.ports, alice, quote.intent.id, await world.code(alice))
    assert await told_publicly(world) == []


async def test_what_was_posted_is_followed_where_it_was_posted(world: World, alice: Caller, bob: Caller) -> None:
    assert not (await suggest_offer(world.ports, alice, "5")).takes_code
    offer = await suggest_offer(world.ports, alice, "60", "coffee")
    assert offer.takes_code
    assert await told_publicly(world) == []
    await post_offer(world.ports, alice, offer.id, await world.code(alice))
    await claim_offer(world.ports, bob, offer.id)
    facts = await told_publicly(world)
    told = {(one["state"], one["group"], one["recipient_name"]) for one in facts}
    assert told == {("open", None, None), ("claimed", None, "Bob")}


async def test_what_is_given_up_before_it_is_held_is_nobodys(world: World, alice: Caller, bob: Caller) -> None:
    offer = await suggest_offer(world.ports, alice, "5")
    assert await reason_of(drop_offer(world.ports, bob, offer.id)) is Reason.NOT_YOURS
    await drop_offer(world.ports, alice, offer.id)
    assert await reason_of(claim_offer(world.ports, bob, offer.id)) is Reason.NOT_FOUND
    held = await suggest_offer(world.ports, alice, "5")
    await post_offer(world.ports, alice, held.id, await world.code(alice))
    with pytest.raises(AlreadyDone) as done:
        await drop_offer(world.ports, alice, held.id)
    assert isinstance(done.value.result, Claimable)
    await claim_offer(world.ports, bob, held.id)


async def test_recent_people_are_the_last_five_by_id_and_never_who_sent_to_one(world: World, alice: Caller) -> None:
    for number in range(10, 16):
        other = await world.person(number, f"other{number}")
        await tip(world, alice, Picked(number), message=number, amount="1")
    await world.fund(other, 50)
    await tip(world, other, Picked(1), message=99, amount="1")
    await tip(world, alice, Picked(12), message=100, amount="1")
    assert [one.id for one in await recent_recipients(world.ports, alice)] == [12, 15, 14, 13, 11]
    assert [one.id for one in await recent_recipients(world.ports, other)] == [1]
    stranger = await world.person(50, "stranger")
    assert await recent_recipients(world.ports, stranger) == ()


async def test_an_imitation_of_somebody_of_earlier_sends_is_found(world: World, alice: Caller) -> None:
    await world.person(20, "bill_smith")
    await world.person(21, "blll.smlth")
    quote = await quote_send(world.ports, alice, "1", Picked(21))
    assert quote.looks_like is None
    await tip(world, alice, Picked(20))
    quote = await quote_send(world.ports, alice, "1", Picked(21))
    assert quote.looks_like is not None and quote.looks_like.id == 20
    assert (await quote_send(world.ports, alice, "1", Picked(20))).looks_like is None
