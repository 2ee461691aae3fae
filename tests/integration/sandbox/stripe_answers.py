"""stripe-python against the stand-in, with every answer held against the annotations of stripe-python's own classes."""

import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import stripe

from bot.sandbox.stripe.company import CardCompany
from bot.sandbox.stripe.webhooks import Endpoint
from bot.sandbox.world import World
from tests.integration.sandbox.conftest import Sandbox, running

KEY = "sk_test_sandbox"
RESOURCES = (
    stripe.checkout.Session,
    stripe.PaymentIntent,
    stripe.Charge,
    stripe.Refund,
    stripe.Dispute,
    stripe.Event,
    stripe.BalanceTransaction,
    stripe.Account,
    stripe.Balance,
    stripe.LineItem,
    stripe.Price,
)
BY_OBJECT = {one.OBJECT_NAME: one for one in RESOURCES}
BY_NAME = {one.__name__: one for one in RESOURCES}


def misfits(value: Any, kind: Any, at: str = "answer") -> Iterator[str]:
    """Where a value is not what an annotation says: a field that is unknown, missing or of another type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, ForwardRef):
        kind = BY_NAME.get(kind.__forward_arg__)
    if origin is Union:
        yield from _none_of(value, arguments, at)
    elif origin is Literal:
        if value not in arguments:
            yield f"{at}: {value!r} is none of {arguments}"
    elif origin is list:
        yield from _members(value, arguments[0], at)
    elif origin is not None and issubclass(origin, stripe.ListObject):
        yield from _members(value.get("data") if isinstance(value, dict) else value, arguments[0], at)
    elif origin is not None and issubclass(origin, stripe.StripeObject):
        yield from _values(value, arguments[0], at)
    elif isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
        yield from _fields(value, kind, at)
    elif kind is not Any and not _is_of(value, kind):
        yield f"{at}: {value!r} is no {kind}"


def _none_of(value: Any, kinds: tuple[Any, ...], at: str) -> Iterator[str]:
    """A text beside an enumeration is for values of the future: what is answered today is one of the enumeration."""
    is_enumerated = any(get_origin(kind) is Literal for kind in kinds)
    found = [list(misfits(value, kind, at)) for kind in kinds if not (is_enumerated and kind is str)]
    if all(found):
        yield from max(found, key=lambda one: max(len(text) for text in one))


def _members(value: Any, kind: Any, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: no list"
        return
    for place, one in enumerate(value):
        yield from misfits(one, kind, f"{at}[{place}]")


def _values(value: Any, kind: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: no object"
        return
    for name, one in value.items():
        yield from misfits(one, kind, f"{at}.{name}")


def _fields(value: Any, kind: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: no {kind.__name__}"
        return
    hints = {name: hint for name, hint in kind.__annotations__.items() if get_origin(hint) is not ClassVar}
    for name in value.keys() - hints.keys():
        yield f"{at}.{name}: unknown to {kind.__qualname__}"
    for name, hint in hints.items():
        if name in value:
            yield from misfits(value[name], hint, f"{at}.{name}")
        elif type(None) not in get_args(hint):
            yield f"{at}.{name}: missing in {kind.__qualname__}"


def _is_of(value: Any, kind: Any) -> bool:
    if kind is Decimal:
        return isinstance(value, str) and Decimal(value).is_finite()
    return type(value) is kind


def answer_misfits(answer: Any) -> list[str]:
    """The misfits of an object or a list of objects, and of the object inside each event."""
    if answer["object"] == "list":
        assert {"object", "data", "has_more", "url"} == answer.keys()
        return [text for one in answer["data"] for text in answer_misfits(one)]
    found = list(misfits(answer, BY_OBJECT[answer["object"]], answer["object"]))
    if answer["object"] == "event":
        found += answer_misfits(answer["data"]["object"])
    return found


@dataclass
class Clock:
    """The time of the stand-in, which a test may move."""

    seconds: float = 1_780_000_000

    def __call__(self) -> float:
        return self.seconds


class CheckingClient(stripe.HTTPXClient):
    """Remembers the headers of the last answer, and holds every answer against the annotations."""

    headers: Mapping[str, str]

    async def request_async(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        content, status, answered = await super().request_async(method, url, headers, post_data, **more)
        if status == 200:
            found = answer_misfits(json.loads(content))
            assert not found, found
        self.headers = answered
        return content, status, answered


@dataclass
class Shop:
    """A running sandbox with a card company, and stripe-python which speaks to it."""

    sandbox: Sandbox
    company: CardCompany
    clock: Clock
    http: CheckingClient = field(default_factory=CheckingClient)

    def client(self, key: str = KEY) -> stripe.StripeClient:
        address = f"{self.sandbox.address}/stripe"
        return stripe.StripeClient(key, base_addresses={"api": address}, http_client=self.http, max_network_retries=0)

    @property
    def api(self) -> Any:
        return self.client().v1

    async def session(self, key: str | None = None, cents: int = 1000, **more: Any) -> stripe.checkout.Session:
        options: Any = {"idempotency_key": key} if key else {}
        session: stripe.checkout.Session = await self.api.checkout.sessions.create_async(order(cents, **more), options)
        return session

    async def act(self, session: str, action: str, **body: Any) -> Any:
        return await self.sandbox.post(f"/sim/stripe/sessions/{session}/{action}", **body)

    async def paid(self, cents: int = 1000) -> stripe.checkout.Session:
        session = await self.session(cents=cents)
        await self.act(session.id, "pay")
        paid: stripe.checkout.Session = await self.api.checkout.sessions.retrieve_async(session.id)
        return paid

    async def event_types(self, **wanted: Any) -> list[str]:
        """From the oldest to the newest."""
        events = await self.api.events.list_async({"limit": 100, **wanted})
        return [event.type for event in events.data][::-1]


def order(cents: int = 1000, **more: Any) -> Any:
    """The parameters of a session."""
    price = {"currency": "usd", "unit_amount": cents, "product_data": {"name": "10.00 ITD"}}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": "http://127.0.0.1/thanks?of={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1/back",
        "client_reference_id": "invoice-1",
        "metadata": {"invoice": "invoice-1"},
        **more,
    }


@contextlib.asynccontextmanager
async def open_shop(folder: Path, clock: Clock | None = None, endpoint: Endpoint | None = None) -> AsyncIterator[Shop]:
    time = clock or Clock()
    company = CardCompany(folder / "cards", api_key=KEY, endpoint=endpoint, clock=time)
    async with running(folder / "chats", World(cards=company)) as sandbox:
        shop = Shop(sandbox, company, time)
        yield shop
        await shop.http.close_async()  # type: ignore[no-untyped-call]  # of stripe, which has no types there


async def refusal(call: Any) -> stripe.StripeError:
    """The error that a call of stripe-python ends with."""
    try:
        await call
    except stripe.StripeError as error:
        return error
    raise AssertionError("it was not refused")
