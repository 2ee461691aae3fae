"""Events: what happened to an object, with the object as it was then (https://docs.stripe.com/api/events)."""

from typing import Any

import stripe

from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.errors import invalid
from bot.sandbox.stripe.pages import listed
from bot.sandbox.stripe.state import Json, State, new_id

TABLE = "event"
#: What the objects and this stand-in's answers look like, as stripe-python asks for it.
API_VERSION = stripe.api_version
TYPES_LIMIT = 20


def record(state: State, kind: str, value: Json, previous: Json | None = None) -> Json:
    """A new event of a kind such as ``charge.refunded``; it is delivered after the commit."""
    key = new_id("evt_")
    data: Json = {"object": value} if previous is None else {"object": value, "previous_attributes": previous}
    event = {
        "id": key,
        "object": "event",
        "api_version": API_VERSION,
        "created": state.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": state.request,
        "type": kind,
    }
    return state.keep(TABLE, key, event)


def retrieve(call: Call) -> Json:
    """GET /v1/events/{id}."""
    return call.state.get(TABLE, call.key)


def list_all(call: Call) -> Json:
    """GET /v1/events: the newest first, those of `type` (``charge.*``) or `types`, created when asked for."""
    wanted = call.params.get("types")
    if wanted is not None and ("type" in call.params or len(wanted) > TYPES_LIMIT):
        raise invalid(f"You may pass either type or up to {TYPES_LIMIT} types", "types")
    pattern = call.params.get("type", "*")

    def is_wanted(event: Json) -> bool:
        if "delivery_success" in call.params and call.params["delivery_success"] != (event["pending_webhooks"] == 0):
            return False
        return event["type"] in wanted if wanted is not None else _fits(event["type"], pattern)

    return listed(call, TABLE, is_wanted)


def _fits(kind: Any, pattern: str) -> bool:
    return bool(kind.startswith(pattern[:-1])) if pattern.endswith("*") else bool(kind == pattern)
