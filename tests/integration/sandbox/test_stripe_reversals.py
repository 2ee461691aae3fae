"""The stand-in for Stripe: refunds with limits, disputes with their money, and the list of events."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import stripe

from tests.integration.sandbox.stripe_answers import Shop, open_shop, refusal


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as one:
        yield one


async def balance(shop: Shop) -> int:
    return int((await shop.api.balance.retrieve_async()).available[0].amount)


async def test_never_more_is_refunded_than_is_left(shop: Shop) -> None:
    session = await shop.paid(1000)
    intent, before = session.payment_intent, await balance(shop)
    metadata = {"reversal": "r1"}
    first = await shop.api.refunds.create_async({"payment_intent": intent, "amount": 400, "metadata": metadata})
    assert (first.status, first.amount, first.currency, first.payment_intent) == ("succeeded", 400, "usd", intent)
    assert first.metadata["reversal"] == "r1"
    too_much = await refusal(shop.api.refunds.create_async({"payment_intent": intent, "amount": 601}))
    assert isinstance(too_much, stripe.InvalidRequestError) and too_much.param == "amount"
    assert "($6.01) is greater than unrefunded amount on charge ($6.00)" in str(too_much)
    assert (await refusal(shop.api.refunds.create_async({"payment_intent": intent, "amount": 0}))).http_status == 400
    rest = await shop.api.refunds.create_async({"charge": first.charge, "reason": "requested_by_customer"})
    assert rest.amount == 600
    again = await refusal(shop.api.refunds.create_async({"payment_intent": intent}))
    assert again.code == "charge_already_refunded"
    charge = await shop.api.charges.retrieve_async(first.charge, {"expand": ["refunds", "payment_intent"]})
    assert (charge.refunded, charge.amount_refunded) == (True, 1000)
    assert [refund.amount for refund in charge.refunds.data] == [600, 400]
    listed = await shop.api.refunds.list_async({"payment_intent": intent})
    assert [refund.id for refund in listed.data] == [rest.id, first.id]
    assert await balance(shop) == before - 1000, "the fee is not given back"
    assert (await shop.event_types())[4:] == ["refund.created", "charge.refunded"] * 2


async def test_a_refund_needs_a_payment(shop: Shop) -> None:
    session = await shop.session()
    await shop.act(session.id, "decline")
    intent = (await shop.api.checkout.sessions.retrieve_async(session.id)).payment_intent
    assert (await refusal(shop.api.refunds.create_async({"payment_intent": intent}))).http_status == 400
    assert (await refusal(shop.api.refunds.create_async({}))).http_status == 400
    assert (await refusal(shop.api.refunds.create_async({"charge": "ch_no"}))).code == "resource_missing"
    unsupported = {"payment_intent": intent, "reverse_transfer": True}
    assert (await refusal(shop.api.refunds.create_async(unsupported))).code == "sandbox_unsupported"


async def test_a_refund_that_fails_is_money_again(shop: Shop) -> None:
    session = await shop.paid(1000)
    before = await balance(shop)
    await shop.act(session.id, "refund", amount=700)
    assert (await shop.act(session.id, "fail-refund"))["state"] == "paid"
    [refund] = (await shop.api.refunds.list_async({"payment_intent": session.payment_intent})).data
    assert (refund.status, refund.failure_reason) == ("failed", "lost_or_stolen_card")
    assert await balance(shop) == before
    assert (await shop.event_types())[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]
    whole = await shop.api.refunds.create_async({"payment_intent": session.payment_intent})
    assert whole.amount == 1000


async def test_a_bank_takes_its_time_with_a_refund(shop: Shop) -> None:
    session = await shop.session()
    await shop.act(session.id, "pay-later")
    await shop.act(session.id, "succeed")
    intent = (await shop.api.checkout.sessions.retrieve_async(session.id)).payment_intent
    refund = await shop.api.refunds.create_async({"payment_intent": intent, "amount": 300})
    assert refund.status == "pending"
    assert (await shop.act(session.id, "settle-refund"))["state"] == "partly refunded"
    assert (await shop.api.refunds.retrieve_async(refund.id)).status == "succeeded"


@pytest.mark.parametrize(
    ("action", "status", "kept", "ending"),
    [
        ("win", "won", 1000, ["charge.dispute.closed", "charge.dispute.funds_reinstated"]),
        ("lose", "lost", 0, ["charge.dispute.closed"]),
    ],
)
async def test_a_dispute_takes_the_money_until_it_is_won(
    shop: Shop, action: str, status: str, kept: int, ending: list[str]
) -> None:
    session = await shop.paid(1000)
    before = await balance(shop)
    assert (await shop.act(session.id, "dispute"))["state"] == "disputed"
    [dispute] = (await shop.api.disputes.list_async({"payment_intent": session.payment_intent})).data
    assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 1000, "fraudulent")
    assert await balance(shop) == before - 1000 - 1500
    assert (await shop.api.charges.retrieve_async(dispute.charge)).disputed is True
    refused = await refusal(shop.api.refunds.create_async({"payment_intent": session.payment_intent}))
    assert refused.code == "charge_disputed"
    await shop.act(session.id, action)
    closed = await shop.api.disputes.retrieve_async(dispute.id, {"expand": ["charge"]})
    assert (closed.status, closed.charge.disputed) == (status, True)
    assert await balance(shop) == before - 1000 - 1500 + kept
    opening = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert await shop.event_types(type="charge.dispute.*") == [*opening, *ending]
    assert (await shop.sandbox.control.post(f"/sim/stripe/sessions/{session.id}/{action}")).status_code == 409


async def test_the_shop_may_accept_a_dispute_in_part(shop: Shop) -> None:
    session = await shop.paid(1000)
    await shop.act(session.id, "dispute", amount=250)
    [dispute] = (await shop.api.disputes.list_async()).data
    lost = await shop.api.disputes.close_async(dispute.id)
    assert (lost.status, lost.amount) == ("lost", 250)


async def test_events_are_read_in_both_directions(shop: Shop) -> None:
    for _ in range(3):
        await shop.paid()
    everything = (await shop.api.events.list_async({"limit": 100})).data
    assert len(everything) == 12
    newest = await shop.api.events.list_async({"limit": 5})
    assert [one.id for one in newest.data] == [one.id for one in everything[:5]] and newest.has_more
    older = await shop.api.events.list_async({"limit": 100, "starting_after": newest.data[-1].id})
    assert [one.id for one in older.data] == [one.id for one in everything[5:]] and not older.has_more
    newer = await shop.api.events.list_async({"limit": 2, "ending_before": everything[5].id})
    assert [one.id for one in newer.data] == [one.id for one in everything[3:5]] and newer.has_more
    last = everything[-1]
    forward = await shop.api.events.list_async({"limit": 5, "ending_before": last.id})
    read = [one.id async for one in forward.auto_paging_iter()]
    assert read == [one.id for one in everything[:-1]][::-1], "from the oldest to the newest"
    assert (await shop.api.events.retrieve_async(last.id)).to_dict() == last.to_dict()


async def test_events_are_chosen_by_type_and_time(shop: Shop) -> None:
    await shop.paid()
    shop.clock.seconds += 100
    later = int(shop.clock.seconds)
    await shop.paid()
    succeeded = await shop.event_types(types=["charge.succeeded", "charge.failed"])
    assert succeeded == ["charge.succeeded"] * 2
    assert len(await shop.event_types(type="payment_intent.*")) == 4
    assert len(await shop.event_types(created={"gte": later})) == 4
    assert len(await shop.event_types(created={"lt": later})) == 4
    assert len(await shop.event_types(created={"gt": later})) == 0
    assert len(await shop.event_types(created=later)) == 4
    both = await refusal(shop.event_types(type="charge.succeeded", types=["charge.failed"]))
    assert isinstance(both, stripe.InvalidRequestError)
    assert (await refusal(shop.api.events.list_async({"limit": 101}))).http_status == 400
    assert (await refusal(shop.api.events.list_async({"starting_after": "evt_no"}))).http_status == 404


async def test_a_filter_does_not_lose_its_cursor(shop: Shop) -> None:
    await shop.paid()
    everything = (await shop.api.events.list_async()).data
    after = await shop.api.events.list_async({"type": "charge.*", "starting_after": everything[0].id})
    assert [one.type for one in after.data] == ["charge.succeeded"]


async def test_an_event_names_the_request_that_caused_it(shop: Shop) -> None:
    session = await shop.paid()
    await shop.api.refunds.create_async({"payment_intent": session.payment_intent}, {"idempotency_key": "refund:7"})
    request_id = shop.http.headers["request-id"]
    events = {event.type: event for event in (await shop.api.events.list_async()).data}
    assert events["refund.created"].request.to_dict() == {"id": request_id, "idempotency_key": "refund:7"}
    assert events["charge.succeeded"].request.to_dict() == {"id": None, "idempotency_key": None}


async def test_sessions_are_listed_by_status_and_payment(shop: Shop) -> None:
    paid, fresh = await shop.paid(), await shop.session()
    for wanted, found in (
        ({"status": "open"}, [fresh.id]),
        ({"payment_intent": paid.payment_intent}, [paid.id]),
        ({"limit": 1}, [fresh.id]),
    ):
        listed = await shop.api.checkout.sessions.list_async(wanted)
        assert [session.id for session in listed.data] == found
    refused = await refusal(shop.api.checkout.sessions.list_async({"customer": "cus_1"}))
    assert refused.code == "sandbox_unsupported"


async def test_balance_transactions_tell_where_the_money_went(shop: Shop) -> None:
    session = await shop.paid(1000)
    await shop.act(session.id, "refund", amount=100)
    await shop.act(session.id, "dispute")
    booked = (await shop.api.balance_transactions.list_async()).data[::-1]
    assert [(one.type, one.amount, one.fee, one.net) for one in booked] == [
        ("charge", 1000, 59, 941),
        ("refund", -100, 0, -100),
        ("adjustment", -900, 1500, -2400),
    ]
    assert (await shop.api.balance_transactions.retrieve_async(booked[0].id)).net == 941
    assert [one.net for one in (await shop.api.balance_transactions.list_async({"type": "refund"})).data] == [-100]
