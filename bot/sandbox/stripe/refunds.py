"""Refunds (https://docs.stripe.com/refunds): in parts, never more than is left, and none against an open dispute.

A card's refund succeeds at once, a bank's waits (`settle`). Each may fail later (`fail`): then the money is back here.
"""

from bot.sandbox.stripe import balance, charges, disputes, events
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.charges import refundable_cents
from bot.sandbox.stripe.errors import ApiError, invalid, no_such
from bot.sandbox.stripe.limits import require_metadata
from bot.sandbox.stripe.pages import listed
from bot.sandbox.stripe.payment_intents import TABLE as INTENTS
from bot.sandbox.stripe.sessions import CARD
from bot.sandbox.stripe.state import Json, State, new_id
from bot.sandbox.stripe.validation import require_supported

TABLE = "refund"
SUPPORTED = frozenset({"amount", "charge", "payment_intent", "reason", "metadata", "currency", "expand"})


def create(call: Call) -> Json:
    """POST /v1/refunds."""
    require_supported(call.params, SUPPORTED)
    metadata = call.params.get("metadata") or {}
    require_metadata(metadata, "metadata")
    if call.params.get("currency", "usd") != "usd":
        raise invalid("Invalid currency: the charge is in usd.", "currency")
    charge = _charge(call)
    amount = call.params.get("amount", refundable_cents(charge))
    return make(call.state, charge, amount, reason=call.params.get("reason"), metadata=metadata)


def make(state: State, charge: Json, amount: int, *, reason: str | None = None, metadata: Json | None = None) -> Json:
    """Refunds so many cents of a charge; raises `ApiError` 400 for more than is left or an open dispute."""
    _check(state, charge, amount)
    key, is_card = new_id("re_" if charges.method_of(charge) == CARD else "pyr_"), charges.method_of(charge) == CARD
    refund = _EMPTY | {
        "id": key,
        "amount": amount,
        "charge": charge["id"],
        "created": state.now(),
        "destination_details": _destination(is_card),
        "metadata": metadata or {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "succeeded" if is_card else "pending",
    }
    kind = "refund" if is_card else "payment_refund"
    booked = balance.booked(state, refund, kind, -amount, category="refund")
    refund = state.keep(TABLE, key, {**refund, "balance_transaction": booked["id"]})
    charged = _charge_less(state, charge, charge["amount_refunded"] + amount)
    events.record(state, "refund.created", refund)
    events.record(state, "charge.refunded", charged, {"amount_refunded": charge["amount_refunded"]})
    return refund


def settle(state: State, refund: Json) -> Json:
    """A bank took the money back; raises `ApiError` 400 unless the refund waits for one."""
    if refund["status"] != "pending":
        raise invalid("This refund does not wait for a bank.")
    return _moved(state, refund, status="succeeded")


def fail(state: State, refund: Json) -> Json:
    """The refund did not arrive and its money is back on the balance; raises `ApiError` 400 if it failed before."""
    if refund["status"] not in ("pending", "succeeded"):
        raise invalid("This refund has failed already.")
    booked = balance.booked(state, refund, "refund_failure", refund["amount"], category="refund_failure")
    failed = _moved(
        state,
        refund,
        status="failed",
        failure_reason="lost_or_stolen_card",
        failure_balance_transaction=booked["id"],
    )
    charge = state.get(charges.TABLE, refund["charge"])
    _charge_less(state, charge, charge["amount_refunded"] - refund["amount"])
    events.record(state, "refund.failed", failed)
    return failed


def retrieve(call: Call) -> Json:
    """GET /v1/refunds/{id}."""
    return call.state.get(TABLE, call.key, "refund")


def list_all(call: Call) -> Json:
    """GET /v1/refunds."""
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    return listed(call, TABLE, lambda one: all(one[name] == value for name, value in wanted.items()))


def refunds_of(state: State, charge: Json) -> list[Json]:
    """A charge's refunds, the oldest first."""
    return [one for one in state.table(TABLE).values() if one["charge"] == charge["id"]]


def _charge(call: Call) -> Json:
    key, intent_key = call.params.get("charge"), call.params.get("payment_intent")
    if key is None and intent_key is None:
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    if intent_key is not None:
        latest = call.state.get(INTENTS, intent_key, "payment_intent")["latest_charge"]
        if key not in (None, latest):
            raise invalid("The charge does not belong to the PaymentIntent.", "charge")
        key = latest
    found = call.state.table(charges.TABLE).get(key or "")
    if found is None and intent_key is not None:
        raise invalid(f"This PaymentIntent ({intent_key}) does not have a successful charge to refund.")
    if found is None:
        raise no_such("charge", str(key), "charge")
    return found


def _check(state: State, charge: Json, amount: int) -> None:
    if not charge["paid"]:
        raise invalid(f"Charge {charge['id']} has not been paid; nothing can be refunded.")
    if not all(disputes.allows_refund(one) for one in disputes.disputes_of(state, charge)):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge", "charge_disputed"
        )
    left = refundable_cents(charge)
    if not left:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount > left:
        raise ApiError(
            400,
            f"Refund amount ({_usd(amount)}) is greater than unrefunded amount on charge ({_usd(left)})",
            param="amount",
        )


def _charge_less(state: State, charge: Json, refunded: int) -> Json:
    return state.change(
        charges.TABLE, charge["id"], amount_refunded=refunded, refunded=refunded == charge["amount_captured"]
    )


def _moved(state: State, refund: Json, **facts: object) -> Json:
    moved = state.change(TABLE, refund["id"], **facts)
    events.record(state, "refund.updated", moved, {"status": refund["status"]})
    events.record(state, "charge.refund.updated", moved, {"status": refund["status"]})
    return moved


def _destination(is_card: bool) -> Json:
    if not is_card:
        return {"type": "us_bank_transfer", "us_bank_transfer": {"reference": None, "reference_status": None}}
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"type": "card", "card": card}


def _usd(cents: int) -> str:
    return f"${cents // 100}.{cents % 100:02}"


_EMPTY: Json = {
    "id": "",
    "object": "refund",
    "currency": "usd",
    "receipt_number": None,
    "source_transfer_reversal": None,
    "transfer_reversal": None,
}
