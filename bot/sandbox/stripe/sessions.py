"""Checkout Sessions (https://docs.stripe.com/api/checkout/sessions): one payment, on the card page, in US dollars."""

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.stripe import events
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.errors import invalid, missing_parameter, unsupported
from bot.sandbox.stripe.limits import require_email, require_length, require_metadata
from bot.sandbox.stripe.line_items import line_item
from bot.sandbox.stripe.pages import as_list, listed
from bot.sandbox.stripe.state import Json, State, new_id
from bot.sandbox.stripe.validation import require_supported

TABLE = "checkout.session"
#: What a session's answer does not show: its line items, unless they are asked for, and the data for its payment.
DETAILS_TABLE = "checkout.session.details"
ID_LENGTH = 58
#: https://docs.stripe.com/api/checkout/sessions/create: 30 minutes to 24 hours from now, 24 hours by default.
SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 3600
#: https://docs.stripe.com/currencies: the least and the most that can be charged in US dollars.
LEAST_CENTS = 50
MOST_CENTS = 99_999_999
ITEMS_LIMIT = 100
CARD = "card"
#: The payment method whose money comes, or does not come, days later.
ASYNC = "us_bank_account"
SUPPORTED = frozenset(
    {
        "adaptive_pricing",
        "allowed_payment_method_types",
        "billing_address_collection",
        "cancel_url",
        "client_reference_id",
        "currency",
        "customer_creation",
        "customer_email",
        "excluded_payment_method_types",
        "expand",
        "expires_at",
        "line_items.price_data.currency",
        "line_items.price_data.product_data.description",
        "line_items.price_data.product_data.name",
        "line_items.price_data.unit_amount",
        "line_items.quantity",
        "locale",
        "metadata",
        "mode",
        "payment_intent_data.description",
        "payment_intent_data.metadata",
        "payment_intent_data.statement_descriptor",
        "payment_intent_data.statement_descriptor_suffix",
        "submit_type",
        "success_url",
        "ui_mode",
    }
)
LISTABLE = frozenset({"created", "ending_before", "expand", "limit", "payment_intent", "starting_after", "status"})


def create(call: Call) -> Json:
    """POST /v1/checkout/sessions."""
    params, now = call.params, call.state.now()
    require_supported(params, SUPPORTED)
    _check(params, now)
    items = [line_item(item, place, now) for place, item in enumerate(params["line_items"])]
    total = sum(item["amount_total"] for item in items)
    _check_total(total)
    session = _session(call, total, _methods(params))
    call.state.keep(DETAILS_TABLE, session["id"], {"line_items": items, **_payment_data(params)})
    return call.state.keep(TABLE, session["id"], session)


def _check(params: Json, now: int) -> None:
    for name in ("mode", "line_items", "success_url"):
        if not params.get(name):
            raise missing_parameter(name)
    for name, value in {"mode": "payment", "ui_mode": "hosted_page", "currency": "usd"}.items():
        if params.get(name, value) != value:
            raise unsupported(f"{name}={params[name]}")
    if len(params["line_items"]) > ITEMS_LIMIT:
        raise invalid(f"A session takes up to {ITEMS_LIMIT} line items", "line_items")
    for name in ("success_url", "cancel_url"):
        if name in params and not _is_url(params[name]):
            raise invalid("Not a valid URL", name, "url_invalid")
    require_length(params, "client_reference_id", 200)
    require_email(params, "customer_email")
    require_metadata(params.get("metadata", {}), "metadata")
    _check_payment_data(params.get("payment_intent_data", {}))
    _check_expiry(params.get("expires_at", now + LONGEST_SECONDS), now)


def _check_payment_data(data: Json) -> None:
    require_metadata(data.get("metadata", {}), "payment_intent_data[metadata]")
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        require_length(data, name, 22, f"payment_intent_data[{name}]")
    require_length(data, "description", 1000, "payment_intent_data[description]")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= 5000


def _check_expiry(expires_at: int, now: int) -> None:
    if expires_at < now + SHORTEST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", "expires_at"
        )
    if expires_at > now + LONGEST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", "expires_at"
        )


def _check_total(cents: int) -> None:
    if cents < LEAST_CENTS:
        raise invalid(
            "The Checkout Session's total amount due must add up to at least $0.50 usd", code="amount_too_small"
        )
    if cents > MOST_CENTS:
        raise invalid(
            "The Checkout Session's total amount due must be no more than $999,999.99", code="amount_too_large"
        )


def _methods(params: Json) -> list[str]:
    allowed = params.get("allowed_payment_method_types", [CARD, ASYNC])
    excluded = params.get("excluded_payment_method_types", [])
    methods = [method for method in (CARD, ASYNC) if method in allowed and method not in excluded]
    if not methods:
        raise invalid("No payment method types are left for this session.", "allowed_payment_method_types")
    return methods


def _payment_data(params: Json) -> Json:
    data = params.get("payment_intent_data", {})
    names = ("description", "statement_descriptor", "statement_descriptor_suffix")
    return {"metadata": data.get("metadata", {}), **{name: data.get(name) for name in names}}


def _session(call: Call, total: int, methods: list[str]) -> Json:
    key, now, params = new_id("cs_test_", ID_LENGTH), call.state.now(), call.params
    return {
        **_EMPTY,
        "id": key,
        "adaptive_pricing": {"enabled": params.get("adaptive_pricing", {}).get("enabled", False)},
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": total,
        "amount_total": total,
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_email": params.get("customer_email"),
        "excluded_payment_method_types": params.get("excluded_payment_method_types"),
        "expires_at": params.get("expires_at", now + LONGEST_SECONDS),
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "payment_method_types": methods,
        "submit_type": params.get("submit_type"),
        "success_url": params["success_url"],
        "url": f"{call.web}/pay/{key}",
    }


def retrieve(call: Call) -> Json:
    """GET /v1/checkout/sessions/{id}."""
    return call.state.get(TABLE, call.key, "session")


def list_all(call: Call) -> Json:
    """GET /v1/checkout/sessions."""
    require_supported(call.params, LISTABLE)
    wanted = {name: call.params[name] for name in ("payment_intent", "status") if name in call.params}
    return listed(call, TABLE, lambda one: all(one[name] == value for name, value in wanted.items()))


def list_items(call: Call) -> Json:
    """GET /v1/checkout/sessions/{id}/line_items, all on one page."""
    call.state.get(TABLE, call.key, "session")
    return line_items(call.state, call.key)


def line_items(state: State, key: str) -> Json:
    """A session's line items, as its `line_items` shows them when it is expanded."""
    return as_list(f"/v1/checkout/sessions/{key}/line_items", state.table(DETAILS_TABLE)[key]["line_items"])


def require_open(session: Json, what: str) -> None:
    """Raises `ApiError` 400 in Stripe's words when a session is complete or expired."""
    if session["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be {what}. '
            f"This Checkout Session has a status of {session['status']}."
        )


def complete(state: State, session: Json, *, paid: bool) -> Json:
    """The person is through with the page; unpaid, when the money comes later."""
    email = session["customer_email"] or "buyer@sandbox.invalid"
    completed = state.change(
        TABLE,
        session["id"],
        status="complete",
        payment_status="paid" if paid else "unpaid",
        url=None,
        customer_details={**_NOBODY, "email": email},
    )
    events.record(state, "checkout.session.completed", completed)
    return completed


_NOBODY: Json = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone", "tax_ids"), None) | {
    "tax_exempt": "none"
}
_EMPTY: dict[str, Any] = {
    "id": "",
    "object": "checkout.session",
    "after_expiration": None,
    "allow_promotion_codes": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency": "usd",
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
    "customer": None,
    "customer_details": None,
    "discounts": [],
    "invoice": None,
    "invoice_creation": None,
    "livemode": False,
    "mode": "payment",
    "origin_context": None,
    "payment_intent": None,
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_options": {},
    "payment_status": "unpaid",
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "status": "open",
    "subscription": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "wallet_options": None,
}
