"""Asking for money: whole and in parts, from one and from many, never too much, never too late."""

import asyncio
from datetime import timedelta

import pytest

from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.ledger import Receipt
from wallet_core.domain.payment_request import Payers, PaymentRequest, RequestState
from wallet_core.domain.people import Caller
from wallet_core.use_cases.cancel_request import cancel_request
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.open_request import open_request
from wallet_core.use_cases.quote_request import quote_request
from wallet_core.use_cases.remind_payers import remind_payers
from wallet_core.use_cases.request_payment import request_payment
from wallet_core.use_cases.requests import request_of
from wallet_core.use_cases.show_requests import show_requests


@pytest.fixture
async def alice(world: World) -> Caller:
    return await world.person(1, "alice")


async def payer(world: World, person: int) -> Caller:
    made = await world.person(person)
    await world.fund(made, 100)
    return made


async def pay(world: World, caller: Caller, request: PaymentRequest, amount: str = "") -> None:
    quote = await quote_request(world.ports, caller, request.id, amount)
    await confirm_send(world.ports, caller, quote.intent.id, await world.code(caller))


async def now(world: World, request: PaymentRequest) -> PaymentRequest:
    return await request_of(world.ports, request.id)


async def test_one_pays_it_whole_and_the_card_follows(world: World, alice: Caller) -> None:
    request = await request_payment(world.ports, alice, "20", Payers.ONE, note="the tickets")
    bob = await payer(world, 2)
    assert (await open_request(world.ports, bob, request.id)).note == "the tickets"
    await pay(world, bob, request)
    assert await world.money(alice) == (20 * ITD, 0)
    assert (await now(world, request)).state is RequestState.PAID
    cards = await world.ports.store.find(OutboxMessage, {"template": "payment_request"}, order_by=("at", "order"))
    assert {card.thread for card in cards} == {f"request:{request.id}"}
    assert cards[-1].facts["state"] == RequestState.PAID
    assert await reason_of(quote_request(world.ports, bob, request.id)) is Reason.WRONG_STATE


async def test_in_parts_by_the_one_who_began_and_never_too_much(world: World, alice: Caller) -> None:
    request = await request_payment(world.ports, alice, "20", Payers.ONE)
    bob, carol = await payer(world, 2), await payer(world, 3)
    await pay(world, bob, request, "5")
    assert await reason_of(quote_request(world.ports, carol, request.id)) is Reason.REQUEST_TAKEN
    assert await reason_of(quote_request(world.ports, bob, request.id, "15.000001")) is Reason.REQUEST_OVERPAID
    await pay(world, bob, request)
    assert (await now(world, request)).paid_minor == 20 * ITD
    assert await world.money(bob) == (80 * ITD, 0)


async def test_many_pay_the_whole_each(world: World, alice: Caller) -> None:
    request = await request_payment(world.ports, alice, "20", Payers.MANY)
    bob, carol = await payer(world, 2), await payer(world, 3)
    await pay(world, bob, request)
    await pay(world, carol, request, "15")
    assert await reason_of(quote_request(world.ports, bob, request.id)) is Reason.REQUEST_PAID
    found = await now(world, request)
    assert (found.state, found.paid_minor, found.paid_by(carol.person)) == (RequestState.OPEN, 35 * ITD, 15 * ITD)


async def test_an_open_amount_is_what_the_payer_likes(world: World, alice: Caller) -> None:
    request = await request_payment(world.ports, alice, "", Payers.MANY)
    bob = await payer(world, 2)
    assert await reason_of(quote_request(world.ports, bob, request.id)) is Reason.BAD_AMOUNT
    for amount in ("3", "4"):
        await pay(world, bob, request, amount)
    assert (await now(world, request)).paid_by(bob.person) == 7 * ITD


async def test_too_late_or_taken_back_nothing_is_debited(world: World, alice: Caller) -> None:
    late = await request_payment(world.ports, alice, "20", Payers.ONE, lifetime=timedelta(minutes=1))
    gone = await request_payment(world.ports, alice, "20", Payers.ONE)
    bob = await payer(world, 2)
    quotes = [await quote_request(world.ports, bob, one.id) for one in (late, gone)]
    await cancel_request(world.ports, alice, gone.id)
    with pytest.raises(AlreadyDone):
        await cancel_request(world.ports, alice, gone.id)
    world.clock.turn(minutes=2)
    reasons = [await reason_of(confirm_send(world.ports, bob, q.intent.id, await world.code(bob))) for q in quotes]
    assert reasons == [Reason.EXPIRED, Reason.WRONG_STATE]
    assert await world.money(bob) == (100 * ITD, 0)


async def test_two_who_pay_one_request_at_once_do_not_pay_twice(world: World, alice: Caller) -> None:
    request = await request_payment(world.ports, alice, "20", Payers.ONE)
    people = [await payer(world, n) for n in (2, 3)]
    quotes = [await quote_request(world.ports, one, request.id) for one in people]
    codes = [await world.code(one) for one in people]
    paid = await asyncio.gather(
        *(
            confirm_send(world.ports, one, q.intent.id, code)
            for one, q, code in zip(people, quotes, codes, strict=True)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Receipt) for one in paid) == 1
    assert await world.money(alice) == (20 * ITD, 0)


async def test_what_the_requester_cannot_receive_today_is_not_held_but_refused(world: World, alice: Caller) -> None:
    request = await request_payment(world.ports, alice, "", Payers.MANY)
    for person in range(2, 6):
        rich = await world.person(person)
        await world.fund(rich, 500)
        await pay(world, rich, request, "500")
    bob = await payer(world, 9)
    with pytest.raises(Refused) as refused:
        await pay(world, bob, request, "1")
    assert (refused.value.reason, refused.value.facts) == (Reason.RECIPIENT_LIMIT, {})
    assert await world.money(bob) == (100 * ITD, 0)
    assert (await now(world, request)).paid_minor == 2_000 * ITD


async def test_who_opened_it_and_has_not_paid_is_reminded_once_a_day(world: World, alice: Caller) -> None:
    request = await request_payment(world.ports, alice, "20", Payers.MANY)
    assert await reason_of(remind_payers(world.ports, alice, request.id)) is Reason.NOBODY_TO_REMIND
    bob, carol = await payer(world, 2), await payer(world, 3)
    for one in (bob, carol):
        await open_request(world.ports, one, request.id)
        await open_request(world.ports, one, request.id)
    await pay(world, bob, request)
    assert await remind_payers(world.ports, alice, request.id) == 1
    (told,) = await world.ports.store.find(OutboxMessage, {"template": "request_reminder"})
    assert (told.person, told.facts["left_minor"]) == (carol.person, 20 * ITD)
    assert await reason_of(remind_payers(world.ports, alice, request.id)) is Reason.TOO_SOON
    world.clock.turn(days=1)
    assert await remind_payers(world.ports, alice, request.id) == 1


async def test_requests_are_listed_newest_first_by_eight(world: World, alice: Caller) -> None:
    made = []
    for number in range(1, 10):
        made.append((await request_payment(world.ports, alice, str(number), Payers.ONE)).id)
        world.clock.turn(seconds=1)
    page, more = await show_requests(world.ports, alice)
    assert ([one.id for one in page], more) == (made[:0:-1], True)
    page, more = await show_requests(world.ports, alice, 2)
    assert ([one.id for one in page], more) == (made[:1], False)
    bob = await world.person(2)
    assert await reason_of(cancel_request(world.ports, bob, made[0])) is Reason.NOT_YOURS
