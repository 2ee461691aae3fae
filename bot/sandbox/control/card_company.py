"""What may be ordered from the stand-in for Stripe beside the buttons: webhooks, forgeries, faults."""

from dataclasses import asdict, replace
from typing import Any

import httpx
from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.control.requests import ControlError, body_of, field, optional, route
from bot.sandbox.loopback import is_loopback
from bot.sandbox.stripe import events
from bot.sandbox.stripe.company import CardCompany
from bot.sandbox.stripe.errors import ApiError
from bot.sandbox.stripe.faults import Fault
from bot.sandbox.stripe.webhooks import ORDERS, Endpoint, Forgery

Json = dict[str, Any]
EVENTS_SHOWN = 200
COPIES_LIMIT = 100


def routes(company: CardCompany) -> list[Route]:
    """The routes of this module."""
    return [
        route("GET", "/sim/stripe/webhooks", show_webhooks, company),
        route("POST", "/sim/stripe/webhooks", order_webhooks, company),
        route("GET", "/sim/stripe/events", show_events, company),
        route("POST", "/sim/stripe/events/{event}/deliver", deliver, company),
        route("GET", "/sim/stripe/faults", show_faults, company),
        route("POST", "/sim/stripe/faults", order_fault, company),
        route("DELETE", "/sim/stripe/faults", clear_faults, company),
    ]


async def show_webhooks(company: CardCompany, request: Request) -> Json:
    """GET /sim/stripe/webhooks: the endpoint, the manner of delivery and what became of the last deliveries."""
    hooks = company.webhooks
    facts = {"url": hooks.endpoint.url, **asdict(hooks.manner), "waiting": hooks.waiting}
    return {**facts, "deliveries": list(hooks.deliveries)}


async def order_webhooks(company: CardCompany, request: Request) -> Json:
    """POST /sim/stripe/webhooks: `url`, `secret`, `copies`, `delay_seconds`, `order`, `held`, what is given."""
    body, hooks = await body_of(request), company.webhooks
    hooks.endpoint = _endpoint(body, hooks.endpoint)
    manner: Json = {
        "copies": optional(body, "copies", int),
        "delay_seconds": _seconds(body, "delay_seconds"),
        "order": optional(body, "order", str),
        "held": optional(body, "held", bool),
    }
    changed = replace(hooks.manner, **{name: value for name, value in manner.items() if value is not None})
    if changed.order not in ORDERS or not 0 <= changed.copies <= COPIES_LIMIT:
        raise ControlError(f'"order" is one of {", ".join(ORDERS)}, "copies" from 0 to {COPIES_LIMIT}')
    hooks.manner = changed
    company.state.pulse.beat()
    return await show_webhooks(company, request)


async def show_events(company: CardCompany, request: Request) -> list[Json]:
    """GET /sim/stripe/events: the newest first."""
    return company.state.newest(events.TABLE)[:EVENTS_SHOWN]


async def deliver(company: CardCompany, request: Request) -> Json:
    """POST /sim/stripe/events/{id}/deliver: now; forged by `secret`, `age_seconds`, `livemode`, `tampered`."""
    body = await body_of(request)
    endpoint = _endpoint({"url": body.get("url")}, company.webhooks.endpoint)
    forgery = Forgery(
        secret=optional(body, "secret", str),
        age_seconds=optional(body, "age_seconds", int) or 0,
        livemode=bool(optional(body, "livemode", bool)),
        tampered=bool(optional(body, "tampered", bool)),
    )
    try:
        event = company.state.get(events.TABLE, request.path_params["event"])
        return {"status": await company.webhooks.by_hand(event, forgery, endpoint)}
    except ApiError as error:
        raise ControlError(str(error), 404) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ControlError(f"the endpoint could not be reached: {error}", 409) from None


async def show_faults(company: CardCompany, request: Request) -> list[Json]:
    """GET /sim/stripe/faults: what is still to come."""
    return [asdict(fault) for fault in company.faults.pending]


async def order_fault(company: CardCompany, request: Request) -> list[Json]:
    """POST /sim/stripe/faults: the next calls of the API fail, are slow, or lose their answers."""
    body = await body_of(request)
    fault = Fault(
        call=field(body, "call", str),
        status=field(body, "status", int),
        times=optional(body, "times", int) or 1,
        applied=bool(optional(body, "applied", bool)),
        wait_seconds=_seconds(body, "wait_seconds") or 0,
    )
    if fault.status != 200 and not 400 <= fault.status <= 599:
        raise ControlError('"status" is 200, or from 400 to 599')
    company.faults.pending.append(fault)
    return await show_faults(company, request)


async def clear_faults(company: CardCompany, request: Request) -> list[Json]:
    """DELETE /sim/stripe/faults: nothing fails any more."""
    company.faults.pending.clear()
    return []


def _endpoint(body: Json, present: Endpoint) -> Endpoint:
    url, secret = optional(body, "url", str), optional(body, "secret", str)
    host = httpx.URL(url).host if url else ""
    if host and not is_loopback(host):
        raise ControlError("webhooks go to this machine only")
    return Endpoint(present.url if url is None else url, present.secret if secret is None else secret)


def _seconds(body: Json, name: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        raise ControlError(f'"{name}" is a number of seconds up to 3600')
    return float(value)
