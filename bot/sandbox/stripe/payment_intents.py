"""PaymentIntents (https://docs.stripe.com/payments/paymentintents/lifecycle), moved by the buttons of the card page.

pay          open -> complete, paid
decline      open -> open; the person may try again
pay_later    open -> complete, unpaid; then `settle` (paid) or `fail` (stays unpaid), days later in the real world
"""

from bot.sandbox.stripe import charges, events, sessions
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.errors import invalid
from bot.sandbox.stripe.pages import listed
from bot.sandbox.stripe.sessions import ASYNC, CARD
from bot.sandbox.stripe.state import Json, State, new_id

TABLE = "payment_intent"


def pay(state: State, session: Json) -> Json:
    """The card pays; answers the completed session. Raises `ApiError` 400 when it is not open."""
    charge = _charge_for(state, session, CARD)
    charges.succeeded(state, charge)
    _succeed(state, charge)
    return sessions.complete(state, state.get(sessions.TABLE, session["id"]), paid=True)


def decline(state: State, session: Json) -> Json:
    """The card is declined, and the session stays open; raises `ApiError` 400 when it was not."""
    charge = _charge_for(state, session, CARD)
    _fail(state, charges.failed(state, charge))
    return state.get(sessions.TABLE, session["id"])


def pay_later(state: State, session: Json) -> Json:
    """A bank is asked for the money; answers the session, complete and unpaid. Raises `ApiError` 400."""
    charge = _charge_for(state, session, ASYNC)
    intent = state.change(TABLE, charge["payment_intent"], status="processing", latest_charge=charge["id"])
    charges.pending(state, charge)
    events.record(state, "payment_intent.processing", intent)
    return sessions.complete(state, state.get(sessions.TABLE, session["id"]), paid=False)


def settle(state: State, session: Json) -> Json:
    """The bank paid; raises `ApiError` 400 when no bank was asked."""
    charge = _awaited(state, session)
    charges.succeeded(state, charge)
    _succeed(state, charge)
    paid = state.change(sessions.TABLE, session["id"], payment_status="paid")
    events.record(state, "checkout.session.async_payment_succeeded", paid)
    return paid


def fail(state: State, session: Json) -> Json:
    """The bank did not pay; raises `ApiError` 400 when no bank was asked."""
    _fail(state, charges.failed(state, _awaited(state, session)))
    events.record(state, "checkout.session.async_payment_failed", session)
    return session


def retrieve(call: Call) -> Json:
    """GET /v1/payment_intents/{id}."""
    return call.state.get(TABLE, call.key, "intent")


def list_all(call: Call) -> Json:
    """GET /v1/payment_intents."""
    return listed(call, TABLE)


def charge_of(state: State, session: Json) -> Json | None:
    """The newest charge of a session; None before anybody tried to pay."""
    intent = state.table(TABLE).get(session["payment_intent"] or "")
    return state.table(charges.TABLE).get(intent["latest_charge"]) if intent else None


def _charge_for(state: State, session: Json, method: str) -> Json:
    sessions.require_open(session, "paid")
    if method not in session["payment_method_types"]:
        raise invalid(f"This Checkout Session does not take {method}.")
    key = session["payment_intent"] or _created(state, session)["id"]
    intent = state.change(TABLE, key, payment_method=new_id("pm_"), last_payment_error=None)
    return charges.started(state, intent, method)


def _created(state: State, session: Json) -> Json:
    key, details = new_id("pi_"), state.get(sessions.DETAILS_TABLE, session["id"])
    intent = _EMPTY | {
        "id": key,
        "amount": session["amount_total"],
        "client_secret": f"{key}_secret_{new_id('')}",
        "created": state.now(),
        "payment_method_types": session["payment_method_types"],
        **{name: value for name, value in details.items() if name != "line_items"},
    }
    state.keep(TABLE, key, intent)
    state.change(sessions.TABLE, session["id"], payment_intent=key)
    events.record(state, "payment_intent.created", intent)
    return intent


def _succeed(state: State, charge: Json) -> None:
    intent = state.change(
        TABLE,
        charge["payment_intent"],
        amount_received=charge["amount"],
        latest_charge=charge["id"],
        status="succeeded",
    )
    events.record(state, "payment_intent.succeeded", intent)


def _fail(state: State, charge: Json) -> None:
    error = {
        "charge": charge["id"],
        "code": charge["failure_code"],
        "message": charge["failure_message"],
        "type": "card_error" if charges.method_of(charge) == CARD else "invalid_request_error",
    }
    if error["code"] == "card_declined":
        error["decline_code"] = "generic_decline"
    intent = state.change(
        TABLE,
        charge["payment_intent"],
        last_payment_error=error,
        latest_charge=charge["id"],
        payment_method=None,
        status="requires_payment_method",
    )
    events.record(state, "payment_intent.payment_failed", intent)


def _awaited(state: State, session: Json) -> Json:
    charge = charge_of(state, session)
    if charge is None or charge["status"] != "pending":
        raise invalid("This Checkout Session does not wait for a bank.")
    return charge


_EMPTY: Json = {
    "id": "",
    "object": "payment_intent",
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "amount_received": 0,
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic_async",
    "confirmation_method": "automatic",
    "currency": "usd",
    "customer": None,
    "last_payment_error": None,
    "latest_charge": None,
    "livemode": False,
    "next_action": None,
    "on_behalf_of": None,
    "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "processing": None,
    "receipt_email": None,
    "review": None,
    "setup_future_usage": None,
    "shipping": None,
    "source": None,
    "status": "requires_payment_method",
    "transfer_data": None,
    "transfer_group": None,
}
