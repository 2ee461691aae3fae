"""Charges (https://docs.stripe.com/api/charges): one attempt to get the money of a PaymentIntent."""

from bot.sandbox.stripe import balance, events
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.pages import listed
from bot.sandbox.stripe.sessions import CARD
from bot.sandbox.stripe.state import Json, State, new_id

TABLE = "charge"
DECLINED = "Your card was declined."
NOT_PAID = "The bank account could not be debited."


def started(state: State, intent: Json, method: str) -> Json:
    """A charge of a PaymentIntent by `card` or `us_bank_account`, neither paid nor failed yet; no event by itself."""
    key = new_id("ch_" if method == CARD else "py_")
    charge = _EMPTY | {
        "id": key,
        "amount": intent["amount"],
        "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
        "created": state.now(),
        "description": intent["description"],
        "metadata": intent["metadata"],
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": _method_details(method),
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
    }
    return state.keep(TABLE, key, charge)


def pending(state: State, charge: Json) -> None:
    """The bank was asked and has not answered."""
    events.record(state, "charge.pending", charge)


def succeeded(state: State, charge: Json) -> Json:
    """The money is there, less Stripe's fee."""
    amount, kind = charge["amount"], "charge" if method_of(charge) == CARD else "payment"
    booked = balance.booked(state, charge, kind, amount, category="charge", fee=balance.fee_cents(amount))
    paid = state.change(
        TABLE,
        charge["id"],
        amount_captured=amount,
        balance_transaction=booked["id"],
        captured=True,
        outcome={**_OUTCOME, "network_status": "approved_by_network", "type": "authorized"},
        paid=True,
        status="succeeded",
    )
    events.record(state, "charge.succeeded", paid)
    return paid


def failed(state: State, charge: Json) -> Json:
    """The card was declined, or the bank did not pay."""
    is_card = method_of(charge) == CARD
    lost = state.change(
        TABLE,
        charge["id"],
        failure_code="card_declined" if is_card else "debit_not_authorized",
        failure_message=DECLINED if is_card else NOT_PAID,
        outcome={**_OUTCOME, "network_status": "declined_by_network", "reason": "generic_decline"},
        status="failed",
    )
    events.record(state, "charge.failed", lost)
    return lost


def method_of(charge: Json) -> str:
    """``card`` or ``us_bank_account``."""
    return str(charge["payment_method_details"]["type"])


def refundable_cents(charge: Json) -> int:
    """What was paid and not refunded."""
    return int(charge["amount_captured"] - charge["amount_refunded"])


def retrieve(call: Call) -> Json:
    """GET /v1/charges/{id}."""
    return call.state.get(TABLE, call.key, "charge")


def list_all(call: Call) -> Json:
    """GET /v1/charges."""
    wanted = call.params.get("payment_intent")
    return listed(call, TABLE, lambda one: wanted in (None, one["payment_intent"]))


def _method_details(method: str) -> Json:
    if method != CARD:
        details = dict.fromkeys(("account_holder_type", "account_type", "bank_name", "fingerprint", "routing_number"))
        return {"type": method, method: {**details, "last4": "0000"}}
    card = {
        "brand": "sandbox",
        "country": "US",
        "exp_month": 12,
        "exp_year": 2099,
        "funding": "credit",
        "last4": "0000",
    }
    return {
        "type": CARD,
        CARD: {**card, "fingerprint": None, "network": "sandbox", "three_d_secure": None, "wallet": None},
    }


_OUTCOME: Json = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": None,
    "reason": None,
    "risk_level": "normal",
    "seller_message": "This is the sandbox's stand-in, no payment was made.",
    "type": "issuer_declined",
}
_EMPTY: Json = {
    "id": "",
    "object": "charge",
    "amount_captured": 0,
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "calculated_statement_descriptor": None,
    "captured": False,
    "currency": "usd",
    "customer": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "failure_code": None,
    "failure_message": None,
    "fraud_details": {},
    "livemode": False,
    "on_behalf_of": None,
    "outcome": None,
    "paid": False,
    "receipt_email": None,
    "receipt_number": None,
    "receipt_url": None,
    "refunded": False,
    "review": None,
    "shipping": None,
    "source": None,
    "source_transfer": None,
    "status": "pending",
    "transfer_data": None,
    "transfer_group": None,
}
