"""Webhooks make the worker look sooner, and nothing more: in any order, any number of times, genuine or not."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message, Receive

from bot.card_webhook import PATH, endpoint
from bot.sandbox.stripe.webhooks import signature
from bot.web import Health, build
from payout_worker.cards.card_events import look_into, waiting_events
from tests.integration.cards.in_memory import SECRET, open_worker, open_world
from tests.integration.cards.rail import Rail
from tests.support.card_company import Company
from tests.unit.wallet_core.world import ITD, World
from wallet_core.domain.card import CardEvent
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Caller

Json = dict[str, Any]
COPIES = 10


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[tuple[World, Company]]:
    async with open_world(tmp_path) as made:
        yield made


@pytest.fixture
async def rail(made: tuple[World, Company], tmp_path: Path) -> AsyncIterator[Rail]:
    async with open_worker(*made, tmp_path) as rail:
        yield rail


@pytest.fixture
def app(made: tuple[World, Company], rail: Rail) -> Starlette:
    """The bot's small server."""
    health = Health()
    health.card_webhook = endpoint(made[0].ports)
    return build(health)


@pytest.fixture
async def bot(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bot") as client:
        yield client


def signed(world: World, event: Json, secret: str = SECRET, age_seconds: int = 0) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event)
    return body.encode(), {"Stripe-Signature": signature(body, secret, int(world.clock().timestamp()) - age_seconds)}


async def deliver(bot: httpx.AsyncClient, world: World, event: Json, **how: Any) -> int:
    body, headers = signed(world, event, **how)
    return (await bot.post(PATH, content=body, headers=headers)).status_code


async def paid_and_refunded(rail: Rail, caller: Caller) -> list[Json]:
    """A bank debit that comes and is refunded in part: its five events of ours, none of them heard of."""
    invoice = await rail.ordered(caller)
    for action in ("pay-later", "succeed"):
        await rail.company.act(invoice.address, action)
    await rail.company.act(invoice.address, "refund", amount=50_50)
    await rail.company.act(invoice.address, "settle-refund")
    wanted = ("completed", "async_payment_succeeded", "refund.created", "charge.refunded", "refund.updated")
    return [one for one in rail.company.table("event") if one["type"].endswith(wanted)][:5]


async def test_all_orders_of_five_events_ten_copies_each_end_in_one_credit(
    rail: Rail, made: tuple[World, Company], app: Starlette
) -> None:
    world = made[0]
    caller = await world.person(1)
    events = await paid_and_refunded(rail, caller)
    assert len({event["id"] for event in events}) == 5
    deliveries = [signed(world, event) for event in events]
    before = dict(world.memory.documents)
    for order in itertools.permutations(deliveries):
        world.memory.documents = dict(before)
        for delivery in order:
            assert {await posted(app, *delivery) for _ in range(COPIES - 1)} == {200}
            # Only what was delivered is looked into: no event is asked for, and no page is looked at.
            await look_into_waiting(rail)
        assert {await posted(app, *delivery) for delivery in order} == {200}
        await look_into_waiting(rail)
        assert await world.money(caller) == (50 * ITD, 0)
        assert len(await rail.ports.store.find(JournalRecord, {"kind": "purchase_credited"})) == 1
        assert set(world.sums().values()) == {0}
        assert await rail.ports.store.count(CardEvent, {"handled_at": None}) == 0


async def posted(app: Starlette, body: bytes, headers: dict[str, str]) -> int:
    """The status of a delivery, by the very route; thousands of them would take a client too long."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await app({"type": "http", "method": "POST", "path": PATH, "headers": named, "query_string": b""}, receive, send)
    return int(sent[0]["status"])


async def look_into_waiting(rail: Rail) -> None:
    for event in await waiting_events(rail.ports):
        await look_into(rail.ports, rail.taken.tenure, event)


async def test_nothing_is_believed_of_what_an_event_says(
    rail: Rail, made: tuple[World, Company], bot: httpx.AsyncClient
) -> None:
    """A genuine signature on an event that claims a payment which never was: the object is fetched, and is not paid."""
    world, caller = made[0], await made[0].person(1)
    invoice = await rail.ordered(caller)
    (session,) = rail.company.table("checkout.session")
    claimed = {**session, "status": "complete", "payment_status": "paid", "payment_intent": "pi_none"}
    event = {
        "id": "evt_claimed", "type": "checkout.session.completed", "created": 1, "livemode": False,
        "data": {"object": claimed},
    }  # fmt: skip
    assert await deliver(bot, world, event) == 200
    await rail.look()
    assert await world.money(caller) == (0, 0)
    assert (await rail.invoice(invoice)).received_minor == 0


FORGED: dict[str, tuple[Json, Json]] = {
    "another secret": ({"secret": "whsec_other"}, {}),
    "too old": ({"age_seconds": 301}, {}),
    "of tomorrow": ({"age_seconds": -301}, {}),
    "of the other mode": ({}, {"livemode": True}),
    "about nothing": ({}, {"data": {}}),
    "an id that is no text": ({}, {"id": 5}),
    "an id without end": ({}, {"id": "x" * 256}),
}


async def statuses(rail: Rail, world: World, bot: httpx.AsyncClient, forged: str) -> tuple[int, int]:
    """The answer to an event that is forged in this way, and how many more are kept then."""
    how, facts = FORGED[forged]
    (event, *_) = await paid_and_refunded(rail, await world.person(1))
    before = await rail.ports.store.count(CardEvent, {})
    status = await deliver(bot, world, {**event, **facts}, **how)
    return status, await rail.ports.store.count(CardEvent, {}) - before


@pytest.mark.parametrize("forged", FORGED)
async def test_what_is_not_genuine_or_of_the_other_mode_is_refused_and_not_kept(
    rail: Rail, made: tuple[World, Company], bot: httpx.AsyncClient, forged: str
) -> None:
    assert await statuses(rail, made[0], bot, forged) == (400, 0)
    (event, *_) = rail.company.table("event")
    assert await deliver(bot, made[0], event, age_seconds=299) == 200


async def of_any_mode(*_: object) -> bool:
    return True


CHECKS: dict[str, tuple[str, object]] = {
    "another secret": ("bot.card_webhook.is_genuine", lambda *_: True),
    "too old": ("wallet_core.domain.card_signature.TOLERANCE_SECONDS", 10**9),
    "of the other mode": ("bot.card_webhook._is_of_our_mode", of_any_mode),
}


@pytest.mark.parametrize("forged", CHECKS)
async def test_planted_without_its_check_a_forged_event_is_kept(
    rail: Rail, made: tuple[World, Company], bot: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, forged: str
) -> None:
    monkeypatch.setattr(*CHECKS[forged])
    assert await statuses(rail, made[0], bot, forged) == (200, 1)


async def test_bytes_that_were_changed_on_the_way_are_refused(
    rail: Rail, made: tuple[World, Company], bot: httpx.AsyncClient
) -> None:
    await paid_and_refunded(rail, await made[0].person(1))
    body, headers = signed(made[0], rail.company.table("event")[0])
    assert (await bot.post(PATH, content=body.replace(b"usd", b"usD"), headers=headers)).status_code == 400
    assert (await bot.post(PATH, content=body)).status_code == 400
    assert (await bot.post(PATH, content=b" " * 2_000_000, headers=headers)).status_code == 413
    assert (await bot.get(PATH)).status_code == 405


async def test_events_of_other_kinds_are_taken_and_forgotten(
    rail: Rail, made: tuple[World, Company], bot: httpx.AsyncClient
) -> None:
    await paid_and_refunded(rail, await made[0].person(1))
    event = {**rail.company.table("event")[0], "id": "evt_other", "type": "customer.created"}
    assert await deliver(bot, made[0], event) == 200
    assert await rail.ports.store.get(CardEvent, "evt_other") is None


async def test_without_a_secret_there_is_no_webhook() -> None:
    transport = httpx.ASGITransport(app=build(Health()))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        assert (await client.post(PATH, content=b"{}")).status_code == 503


async def test_a_body_that_never_ends_is_not_waited_for(
    rail: Rail, made: tuple[World, Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.card_webhook._BODY_SECONDS", 0.05)

    async def drip() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    assert await asyncio.wait_for(answered(made[0], drip), 5) == 408


async def test_who_hangs_up_in_the_middle_breaks_nothing(rail: Rail, made: tuple[World, Company]) -> None:
    async def hang_up() -> Message:
        return {"type": "http.disconnect"}

    assert await answered(made[0], hang_up) == 400


async def answered(world: World, receive: Receive) -> int:
    """The status of a delivery whose body comes as it is told."""
    scope = {"type": "http", "method": "POST", "path": PATH, "headers": [], "query_string": b""}
    return (await endpoint(world.ports)(Request(scope, receive))).status_code
