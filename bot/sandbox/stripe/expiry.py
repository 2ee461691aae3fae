"""The end of sessions that nobody paid: by request, or when their time has come."""

from bot.sandbox.stripe import events, payment_intents, sessions
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.state import Json, State


def expire_now(call: Call) -> Json:
    """POST /v1/checkout/sessions/{id}/expire."""
    return expire(call.state, call.state.get(sessions.TABLE, call.key, "session"))


def expire(state: State, session: Json) -> Json:
    """The session can no longer be paid; raises `ApiError` 400 when it is not open."""
    sessions.require_open(session, "expired")
    expired = state.change(sessions.TABLE, session["id"], status="expired", url=None)
    _cancel(state, session["payment_intent"])
    events.record(state, "checkout.session.expired", expired)
    return expired


def expire_due(state: State) -> None:
    """Expires every open session whose time has come."""
    now = state.now()
    for session in list(state.table(sessions.TABLE).values()):
        if session["status"] == "open" and session["expires_at"] <= now:
            expire(state, session)


def _cancel(state: State, intent_key: str | None) -> None:
    """What was declined and never paid ends with its session."""
    if intent_key is None:
        return
    canceled = state.change(
        payment_intents.TABLE, intent_key, canceled_at=state.now(), cancellation_reason="expired", status="canceled"
    )
    events.record(state, "payment_intent.canceled", canceled)
