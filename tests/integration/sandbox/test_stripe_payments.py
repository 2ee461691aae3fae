"""The stand-in for Stripe as stripe-python meets it: sessions and what becomes of their payments."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.stripe_answers import Clock, Shop, misfits, open_shop, order, refusal

HOUR = 3600


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as one:
        yield one


def test_the_check_of_answers_finds_what_is_wrong() -> None:
    right = {"id": "re_1", "object": "refund", "amount": 1, "created": 2, "currency": "usd", "reason": "duplicate"}
    assert not list(misfits(right, stripe.Refund))
    wrong = [{**right, "amount": "1"}, {**right, "paid": 1}, {**right, "reason": "mood"}, {"id": "re_1"}]
    assert all(list(misfits(one, stripe.Refund)) for one in wrong)


async def test_the_account_says_that_it_is_not_stripe(shop: Shop) -> None:
    account = await shop.api.accounts.retrieve_current_async()
    assert "NOT Stripe" in account.business_profile.name and "NOT Stripe" in account.settings.dashboard.display_name
    balance = await shop.api.balance.retrieve_async()
    assert (balance.livemode, balance.available[0].amount) == (False, 0)


async def test_a_session_is_made_as_it_was_ordered(shop: Shop) -> None:
    session = await shop.session(expires_at=int(shop.clock.seconds) + HOUR)
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 1000)
    assert (session.currency, session.livemode, session.payment_intent) == ("usd", False, None)
    assert session.metadata is not None and session.metadata["invoice"] == "invoice-1"
    assert session.expires_at == shop.clock.seconds + HOUR and session.client_reference_id == "invoice-1"
    assert session.url == f"{shop.sandbox.address}/stripe/pay/{session.id}"
    again = await shop.api.checkout.sessions.retrieve_async(session.id, {"expand": ["line_items"]})
    assert [item.amount_total for item in again.line_items.data] == [1000]
    items = await shop.api.checkout.sessions.line_items.list_async(session.id)
    assert items.data[0].price.unit_amount == 1000
    assert await shop.event_types() == []


async def test_a_card_pays(shop: Shop) -> None:
    session = await shop.paid(2575)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    expand = {"expand": ["latest_charge.balance_transaction"]}
    intent = await shop.api.payment_intents.retrieve_async(session.payment_intent, expand)
    assert (intent.status, intent.amount_received, intent.latest_charge.paid) == ("succeeded", 2575, True)
    booked = intent.latest_charge.balance_transaction
    assert (booked.amount, booked.fee, booked.net) == (2575, 105, 2470)
    charge = await shop.api.charges.retrieve_async(intent.latest_charge.id)
    assert (charge.amount, charge.amount_refunded, charge.disputed) == (2575, 0, False)
    assert await shop.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert (await shop.api.balance.retrieve_async()).available[0].amount == 2470


async def test_a_declined_card_may_be_followed_by_another(shop: Shop) -> None:
    session = await shop.session(payment_intent_data={"metadata": {"invoice": "invoice-1"}})
    assert (await shop.act(session.id, "decline"))["state"] == "declined"
    open_still = await shop.api.checkout.sessions.retrieve_async(session.id)
    intent = await shop.api.payment_intents.retrieve_async(open_still.payment_intent)
    assert (open_still.status, intent.status) == ("open", "requires_payment_method")
    assert intent.last_payment_error.decline_code == "generic_decline"
    await shop.act(session.id, "pay")
    charges = await shop.api.charges.list_async({"payment_intent": intent.id})
    assert [(charge.status, charge.paid) for charge in charges.data] == [("succeeded", True), ("failed", False)]
    paid = await shop.api.payment_intents.retrieve_async(intent.id)
    assert paid.last_payment_error is None and paid.metadata["invoice"] == "invoice-1"


@pytest.mark.parametrize(
    ("action", "status", "event"),
    [("succeed", "paid", "async_payment_succeeded"), ("fail", "unpaid", "async_payment_failed")],
)
async def test_a_bank_answers_later(shop: Shop, action: str, status: str, event: str) -> None:
    session = await shop.session()
    assert (await shop.act(session.id, "pay-later"))["state"] == "waiting"
    waiting = await shop.api.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    await shop.act(session.id, action)
    after = await shop.api.checkout.sessions.retrieve_async(session.id)
    assert (after.status, after.payment_status) == ("complete", status)
    completed = (await shop.api.events.list_async({"type": "checkout.session.completed"})).data[0]
    assert completed.data.object["payment_status"] == "unpaid", "an event keeps what was then"
    assert (await shop.event_types(type="checkout.*"))[-1] == f"checkout.session.{event}"


async def test_nobody_pays_twice_or_too_late(shop: Shop) -> None:
    paid, expired = await shop.paid(), await shop.session()
    await shop.api.checkout.sessions.expire_async(expired.id)
    for session in (paid, expired):
        for action in ("pay", "pay-later", "decline", "expire", "succeed", "fail"):
            answer = await shop.sandbox.control.post(f"/sim/stripe/sessions/{session.id}/{action}")
            assert answer.status_code == 409, action
    error = await refusal(shop.api.checkout.sessions.expire_async(paid.id))
    assert isinstance(error, stripe.InvalidRequestError) and "status of complete" in str(error)


async def test_a_session_expires_by_itself(tmp_path: Path) -> None:
    async with open_shop(tmp_path, clock := Clock()) as shop:
        session = await shop.session(expires_at=int(clock.seconds) + HOUR)
        await shop.act(session.id, "decline")
        clock.seconds += HOUR
        expired = await shop.api.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})
        assert (expired.status, expired.url, expired.payment_intent.status) == ("expired", None, "canceled")
        assert (await shop.event_types())[-1] == "checkout.session.expired"


@pytest.mark.parametrize(
    ("wrong", "param", "code"),
    [
        ({"expires_at": 1_780_000_000 + 60}, "expires_at", None),
        ({"expires_at": 1_780_000_000 + 25 * HOUR}, "expires_at", None),
        ({"mode": "pay"}, "mode", None),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"success_url": "nowhere"}, "success_url", "url_invalid"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax.enabled", "sandbox_unsupported"),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
        ({"line_items": []}, "line_items", "parameter_missing"),
        ({"allowed_payment_method_types": ["alipay"]}, "allowed_payment_method_types", None),
        ({"expand": ["customer_cash"]}, "expand", None),
    ],
)
async def test_a_session_must_be_right(shop: Shop, wrong: Any, param: str, code: str | None) -> None:
    error = await refusal(shop.api.checkout.sessions.create_async(order(**wrong)))
    assert isinstance(error, stripe.InvalidRequestError)
    assert (error.http_status, error.param, error.code) == (400, param, code)
    assert (await shop.api.checkout.sessions.list_async()).data == []


@pytest.mark.parametrize(("cents", "code"), [(49, "amount_too_small"), (100_000_000, "amount_too_large")])
async def test_an_amount_has_limits(shop: Shop, cents: int, code: str) -> None:
    assert (await refusal(shop.session(cents=cents))).code == code


async def test_other_currencies_are_refused(shop: Shop) -> None:
    price = {"currency": "eur", "unit_amount": 1000, "product_data": {"name": "ITD"}}
    wrong = order(line_items=[{"quantity": 1, "price_data": price}])
    assert "usd" in str(await refusal(shop.api.checkout.sessions.create_async(wrong)))


async def test_a_key_stands_for_one_request(shop: Shop) -> None:
    first = await shop.session(key="session:1")
    assert "idempotent-replayed" not in shop.http.headers
    await shop.act(first.id, "pay")
    again = await shop.session(key="session:1")
    assert again.id == first.id and again.status == "open", "the first answer, word for word"
    assert shop.http.headers["idempotent-replayed"] == "true"
    error = await refusal(shop.session(key="session:1", cents=2000))
    assert isinstance(error, stripe.IdempotencyError) and error.http_status == 400
    other = await refusal(shop.api.refunds.create_async({"charge": "ch_1"}, {"idempotency_key": "session:1"}))
    assert isinstance(other, stripe.IdempotencyError)
    assert len((await shop.api.checkout.sessions.list_async()).data) == 1


async def test_two_at_once_with_one_key_are_one(shop: Shop) -> None:
    made = await asyncio.gather(*(shop.session(key="session:2") for _ in range(10)))
    assert len({session.id for session in made}) == 1


async def test_a_refused_refund_is_replayed_too(shop: Shop) -> None:
    session = await shop.paid()
    too_much = {"payment_intent": session.payment_intent, "amount": 5000}
    first = await refusal(shop.api.refunds.create_async(too_much, {"idempotency_key": "refund:1"}))
    again = await refusal(shop.api.refunds.create_async(too_much, {"idempotency_key": "refund:1"}))
    assert str(first).split(": ", 1)[1] == str(again).split(": ", 1)[1]
    assert again.headers is not None and again.headers["idempotent-replayed"] == "true"


async def test_what_was_refused_for_its_parameters_is_not_kept(shop: Shop) -> None:
    await refusal(shop.session(key="session:3", payment_method_types=["card"]))
    assert (await shop.session(key="session:3")).status == "open"


async def test_only_its_own_key_opens_it(shop: Shop) -> None:
    for key in ("sk_test_other", "sk_live_0123456789abcdef"):
        error = await refusal(shop.client(key).v1.balance.retrieve_async())
        assert isinstance(error, stripe.AuthenticationError) and error.http_status == 401
        assert key not in str(error)


async def test_what_is_not_there_is_said(shop: Shop) -> None:
    for call in (
        shop.api.checkout.sessions.retrieve_async("cs_test_no"),
        shop.api.payment_intents.retrieve_async("pi_no"),
        shop.api.charges.retrieve_async("ch_no"),
        shop.api.refunds.retrieve_async("re_no"),
        shop.api.disputes.retrieve_async("dp_no"),
        shop.api.events.retrieve_async("evt_no"),
        shop.api.balance_transactions.retrieve_async("txn_no"),
        shop.api.customers.retrieve_async("cus_no"),
    ):
        error = await refusal(call)
        assert isinstance(error, stripe.InvalidRequestError) and error.http_status == 404


async def test_another_version_is_refused(shop: Shop) -> None:
    error = await refusal(shop.api.balance.retrieve_async({}, {"stripe_version": "2020-08-27"}))
    assert stripe.api_version in str(error)


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as before:
        session = await before.paid()
        await before.api.refunds.create_async({"payment_intent": session.payment_intent, "amount": 100})
        first = await before.session(key="session:4")
        events = await before.event_types()
    async with open_shop(tmp_path) as after:
        again = await after.api.checkout.sessions.retrieve_async(session.id)
        assert again.to_dict() == session.to_dict()
        assert (await after.session(key="session:4")).id == first.id
        assert await after.event_types() == events
        assert await refusal(after.api.refunds.create_async({"payment_intent": session.payment_intent, "amount": 901}))
