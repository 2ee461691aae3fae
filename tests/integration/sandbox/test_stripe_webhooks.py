"""The stand-in for Stripe: webhooks to a real endpoint, verified by stripe-python, and faults on order."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.stripe.webhooks import Endpoint
from tests.integration.sandbox.stripe_answers import Clock, Shop, open_shop, refusal
from wallet_core.adapters.mongo.embedded import free_port

SECRET = "whsec_tests"
PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


@dataclass
class Inbox:
    """An endpoint that verifies what comes as the wallet does; while `broken` it answers 500."""

    url: str = ""
    broken: bool = False
    taken: list[Any] = field(default_factory=list)
    refused: int = 0

    async def take(self, request: Request) -> Response:
        body, header = await request.body(), request.headers.get("stripe-signature")
        if self.broken:
            return Response(status_code=500)
        try:
            stripe.WebhookSignature.verify_header(body, header, SECRET, tolerance=300)
        except stripe.SignatureVerificationError:
            self.refused += 1
            return Response(status_code=400)
        self.taken.append(json.loads(body))
        return Response()

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.taken]


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def open_inbox(port: int) -> AsyncIterator[Inbox]:
    inbox = Inbox(f"http://127.0.0.1:{port}/hook")
    app = Starlette(routes=[Route("/hook", inbox.take, methods=["POST"])])
    server = _Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield inbox
    finally:
        server.should_exit = True
        await running


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        await asyncio.sleep(0.01)


def now() -> Clock:
    """The stand-in's time is the real one: stripe-python compares the signature's with its own."""
    return Clock(time.time())


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with open_inbox(free_port()) as one:
        yield one


@pytest.fixture
async def shop(tmp_path: Path, inbox: Inbox) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path, now(), Endpoint(inbox.url, SECRET)) as one:
        yield one


async def test_every_event_comes_signed(shop: Shop, inbox: Inbox) -> None:
    session = await shop.paid()
    await until(lambda: len(inbox.taken) == 4)
    assert inbox.types == PAYMENT and inbox.refused == 0
    assert inbox.taken[-1]["data"]["object"]["id"] == session.id
    listed = (await shop.api.events.list_async()).data
    assert [event.id for event in listed][::-1] == [event["id"] for event in inbox.taken]
    assert [event.pending_webhooks for event in listed] == [0, 0, 0, 0]


async def test_what_was_not_taken_comes_again(shop: Shop, inbox: Inbox) -> None:
    inbox.broken = True
    await shop.paid()
    await until(lambda: any(one["attempt"] > 1 for one in shop.company.webhooks.deliveries))
    assert {one["status"] for one in shop.company.webhooks.deliveries} == {500}
    undelivered = await shop.api.events.list_async({"delivery_success": False})
    assert len(undelivered.data) == 4
    inbox.broken = False
    await until(lambda: len(inbox.taken) == 4)
    assert sorted(inbox.types) == sorted(PAYMENT)


async def test_what_was_not_delivered_comes_after_a_restart(tmp_path: Path) -> None:
    port = free_port()
    endpoint = Endpoint(f"http://127.0.0.1:{port}/hook", SECRET)
    async with open_shop(tmp_path, now(), endpoint) as before:
        await before.paid()
        await until(lambda: bool(before.company.webhooks.deliveries))
    async with open_inbox(port) as inbox, open_shop(tmp_path, now(), endpoint):
        await until(lambda: len(inbox.taken) == 4)
    async with open_inbox(port) as inbox, open_shop(tmp_path, now(), endpoint) as last:
        assert (await last.sandbox.get("/sim/stripe/webhooks"))["waiting"] == 0
        assert inbox.taken == []


async def test_they_come_twice_late_and_in_another_order(shop: Shop, inbox: Inbox) -> None:
    await shop.sandbox.post("/sim/stripe/webhooks", held=True, copies=2, order="reversed")
    await shop.paid()
    await asyncio.sleep(0.2)
    assert inbox.taken == []
    shown = await shop.sandbox.post("/sim/stripe/webhooks", held=False)
    assert (shown["copies"], shown["order"], shown["held"]) == (2, "reversed", False)
    await until(lambda: len(inbox.taken) == 8)
    assert inbox.types == [kind for kind in reversed(PAYMENT) for _ in range(2)]
    inbox.taken.clear()
    await shop.sandbox.post("/sim/stripe/webhooks", copies=1, order="shuffled", delay_seconds=0.4)
    await shop.paid()
    await asyncio.sleep(0.2)
    assert inbox.taken == []
    await until(lambda: len(inbox.taken) == 4)
    assert sorted(inbox.types) == sorted(PAYMENT)


@pytest.mark.parametrize(
    ("forgery", "status"),
    [
        ({}, 200),
        ({"secret": "whsec_other"}, 400),
        ({"age_seconds": 301}, 400),
        ({"age_seconds": 290}, 200),
        ({"tampered": True}, 400),
        ({"livemode": True}, 200),
    ],
)
async def test_one_is_delivered_or_forged_by_hand(
    shop: Shop, inbox: Inbox, forgery: dict[str, Any], status: int
) -> None:
    await shop.sandbox.post("/sim/stripe/webhooks", held=True)
    await shop.paid()
    event = (await shop.sandbox.get("/sim/stripe/events"))[0]
    assert (await shop.sandbox.post(f"/sim/stripe/events/{event['id']}/deliver", **forgery)) == {"status": status}
    assert [one["livemode"] for one in inbox.taken] == [bool(forgery.get("livemode"))] * (status == 200)
    assert inbox.refused == (status == 400)


async def test_webhooks_stay_on_this_machine(shop: Shop) -> None:
    path = "/sim/stripe/webhooks"
    for wrong in ({"url": "http://203.0.113.5/hook"}, {"order": "sideways"}, {"copies": 101}, {"delay_seconds": "x"}):
        assert (await shop.sandbox.control.post(path, json=wrong)).status_code == 400
    away = await shop.sandbox.control.post("/sim/stripe/events/evt_no/deliver", json={})
    assert away.status_code == 404


async def test_a_call_fails_when_it_was_ordered(shop: Shop) -> None:
    await shop.sandbox.post("/sim/stripe/faults", call="POST /v1/checkout/sessions", status=503)
    assert isinstance(await refusal(shop.session(key="session:1")), stripe.APIError)
    assert (await shop.api.checkout.sessions.list_async()).data == []
    await shop.sandbox.post("/sim/stripe/faults", call="*", status=500, applied=True)
    assert isinstance(await refusal(shop.session(key="session:1")), stripe.APIError)
    made = (await shop.api.checkout.sessions.list_async()).data
    assert [(await shop.session(key="session:1")).id] == [one.id for one in made], "done, and only the answer was lost"


async def test_an_answer_is_late_when_it_was_ordered(shop: Shop) -> None:
    await shop.sandbox.post("/sim/stripe/faults", call="GET /v1/balance", status=200, wait_seconds=0.3)
    began = asyncio.get_running_loop().time()
    await shop.api.balance.retrieve_async()
    assert asyncio.get_running_loop().time() - began >= 0.3
    assert await shop.sandbox.get("/sim/stripe/faults") == []
    refused = await shop.sandbox.control.post("/sim/stripe/faults", json={"call": "*", "status": 302})
    assert refused.status_code == 400
