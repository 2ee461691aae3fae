"""Disputes (https://docs.stripe.com/disputes/how-disputes-work): the bank takes the money back at once, with a fee.

needs_response -> won (the money returns, the fee does not) or lost.
"""

from bot.sandbox.stripe import balance, charges, events
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.errors import invalid
from bot.sandbox.stripe.pages import listed
from bot.sandbox.stripe.sessions import CARD
from bot.sandbox.stripe.state import Json, State, new_id

TABLE = "dispute"
OPEN = "needs_response"
ANSWER_SECONDS = 7 * 24 * 3600


def start(state: State, charge: Json, amount: int, reason: str = "fraudulent") -> Json:
    """A bank disputes so many cents of a charge; raises `ApiError` 400 when it is not paid, or was disputed before."""
    if not charge["paid"] or charge["disputed"]:
        raise invalid("Only a charge that is paid and was never disputed can be disputed.")
    if not 1 <= amount <= charge["amount_captured"]:
        raise invalid("A dispute is about a part of what was paid.", "amount")
    key, now = new_id("dp_" if charges.method_of(charge) == CARD else "pdp_"), state.now()
    dispute = _EMPTY | {
        "id": key,
        "amount": amount,
        "charge": charge["id"],
        "created": now,
        "evidence_details": _evidence_details(now + ANSWER_SECONDS),
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        **_card_details(charge),
    }
    taken = balance.booked(state, dispute, "adjustment", -amount, category="dispute", fee=balance.DISPUTE_FEE_CENTS)
    dispute = state.keep(TABLE, key, {**dispute, "balance_transactions": [taken]})
    state.change(charges.TABLE, charge["id"], disputed=True)
    events.record(state, "charge.dispute.created", dispute)
    events.record(state, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def win(state: State, dispute: Json) -> Json:
    """The bank gives the money back; raises `ApiError` 400 when the dispute is closed."""
    _require_open(dispute)
    back = balance.booked(state, dispute, "adjustment", dispute["amount"], category="dispute_reversal")
    won = _closed(state, dispute, "won", [*dispute["balance_transactions"], back])
    events.record(state, "charge.dispute.funds_reinstated", won)
    return won


def lose(state: State, dispute: Json) -> Json:
    """The bank keeps the money; raises `ApiError` 400 when the dispute is closed."""
    _require_open(dispute)
    return _closed(state, dispute, "lost", dispute["balance_transactions"])


def close(call: Call) -> Json:
    """POST /v1/disputes/{id}/close: the shop accepts that it has lost."""
    return lose(call.state, call.state.get(TABLE, call.key, "dispute"))


def retrieve(call: Call) -> Json:
    """GET /v1/disputes/{id}."""
    return call.state.get(TABLE, call.key, "dispute")


def list_all(call: Call) -> Json:
    """GET /v1/disputes."""
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    return listed(call, TABLE, lambda one: all(one[name] == value for name, value in wanted.items()))


def disputes_of(state: State, charge: Json) -> list[Json]:
    """A charge's disputes; those of one that nobody disputed are not looked for."""
    return (
        [] if not charge["disputed"] else [one for one in state.table(TABLE).values() if one["charge"] == charge["id"]]
    )


def allows_refund(dispute: Json) -> bool:
    """Whether its charge may be refunded: after a dispute was won, and while it is an inquiry."""
    return bool(dispute["status"] == "won" or dispute["is_charge_refundable"])


def _require_open(dispute: Json) -> None:
    if dispute["status"] != OPEN:
        raise invalid(f"This dispute is already closed: {dispute['status']}.")


def _closed(state: State, dispute: Json, status: str, transactions: list[Json]) -> Json:
    closed = state.change(TABLE, dispute["id"], status=status, balance_transactions=transactions)
    events.record(state, "charge.dispute.closed", closed, {"status": dispute["status"]})
    return closed


def _evidence_details(due_by: int) -> Json:
    return {
        "due_by": due_by,
        "enhanced_eligibility": {},
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
    }


def _card_details(charge: Json) -> Json:
    if charges.method_of(charge) != CARD:
        return {"network_reason_code": None}
    card = {"brand": "sandbox", "case_type": "chargeback", "network": "sandbox", "network_reason_code": "10.4"}
    return {"network_reason_code": "10.4", "payment_method_details": {"type": CARD, CARD: card}}


_EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)
_EMPTY: Json = {
    "id": "",
    "object": "dispute",
    "currency": "usd",
    "enhanced_eligibility_types": [],
    "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
    "is_charge_refundable": False,
    "livemode": False,
    "metadata": {},
    "status": OPEN,
}
