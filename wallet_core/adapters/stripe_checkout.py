"""``payout_worker.ports.Cards`` on Stripe: hosted Checkout, so no card number ever comes near us.

The only importer of ``stripe``. Nothing is retried here; what changes something carries an idempotency key, under which
the same call may be made again (https://docs.stripe.com/api/idempotent_requests).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Final

import stripe
import structlog
from stripe.params import EventListParams
from stripe.params.checkout import SessionCreateParams

from wallet_core.card_settings import CardSettings
from wallet_core.domain.card import (
    EVENT_KINDS,
    CardAccount,
    CardClaim,
    CardSession,
    ChargeState,
    ClaimKind,
    ClaimState,
    EventPage,
    EventSeen,
    SessionStatus,
    event_seen,
)
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.purchase import Invoice

log = structlog.get_logger(__name__)

_TIMEOUT_SECONDS: Final = 10.0
_PAGE: Final = 100
_SHOWN: Final = 200
#: Another request with the same key is under way (https://docs.stripe.com/error-low-level#idempotency).
_CONFLICT: Final = 409
#: https://docs.stripe.com/payments/paymentintents/lifecycle; whatever else there is still wants something of somebody.
_CHARGES: Final[Mapping[str, ChargeState]] = {
    "succeeded": ChargeState.SUCCEEDED,
    "requires_payment_method": ChargeState.FAILED,
    "canceled": ChargeState.FAILED,
}
#: https://docs.stripe.com/api/refunds/object#refund_object-status
_REFUNDS: Final[Mapping[str, ClaimState]] = {
    "succeeded": ClaimState.LOST,
    "failed": ClaimState.KEPT,
    "canceled": ClaimState.KEPT,
}
#: https://docs.stripe.com/api/disputes/object#dispute_object-status; prevented: the bank was given the money at once.
_DISPUTES: Final[Mapping[str, ClaimState]] = {
    "lost": ClaimState.LOST,
    "prevented": ClaimState.LOST,
    "won": ClaimState.KEPT,
    "warning_closed": ClaimState.KEPT,
}


class StripeCheckout:
    """One account at Stripe. Every method raises ``Unavailable`` when there is no answer that can be relied on."""

    def __init__(self, client: stripe.StripeClient, settings: CardSettings) -> None:
        self._client = client
        self._return_url = settings.card_return_url

    async def account(self) -> CardAccount:
        """See ``Cards.account``."""
        with _answers():
            account = await self._client.v1.accounts.retrieve_current_async()
            balance = await self._client.v1.balance.retrieve_async()
        return CardAccount(account.id, balance.livemode)

    async def open_session(self, invoice: Invoice) -> CardSession:
        """See ``Cards.open_session``."""
        wanted = self._wanted(invoice)
        # A key stands for its parameters: after a change of the settings it is another page, and the first is unseen.
        digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]
        with _answers(refused=Reason.WRONG_STATE):
            session = await self._client.v1.checkout.sessions.create_async(
                wanted, {"idempotency_key": f"session:{invoice.id}:{digest}"}
            )
        return _session(session)

    def _wanted(self, invoice: Invoice) -> SessionCreateParams:
        ours = {"invoice": invoice.id, "person": str(invoice.person)}
        return {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": invoice.coin_minor,
                        "product_data": {"name": f"{plain(invoice.amount_minor, Asset.ITD)} ITD"},
                    },
                }
            ],
            # What is paid is what was quoted, in dollars.
            "adaptive_pricing": {"enabled": False},
            "client_reference_id": invoice.id,
            "metadata": ours,
            "payment_intent_data": {"metadata": ours},
            "expires_at": int(invoice.expires_at.timestamp()),
            "success_url": self._return_url,
            "cancel_url": self._return_url,
        }

    async def session(self, session_id: str) -> CardSession:
        """See ``Cards.session``."""
        with _answers():
            return _session(await self._client.v1.checkout.sessions.retrieve_async(session_id))

    async def charge(self, payment: str) -> ChargeState:
        """See ``Cards.charge``."""
        with _answers():
            intent = await self._client.v1.payment_intents.retrieve_async(payment)
        return _CHARGES.get(intent.status, ChargeState.PROCESSING)

    async def claims(self, payment: str) -> list[CardClaim]:
        """See ``Cards.claims``."""
        with _answers():
            refunds = await self._client.v1.refunds.list_async({"payment_intent": payment, "limit": _PAGE})
            disputes = await self._client.v1.disputes.list_async({"payment_intent": payment, "limit": _PAGE})
            return [
                *[_refund(refund) async for refund in refunds.auto_paging_iter()],
                *[_dispute(dispute) async for dispute in disputes.auto_paging_iter()],
            ]

    async def refund(self, reversal: str, payment: str, amount_minor: int) -> CardClaim:
        """See ``Cards.refund``."""
        with _answers(refused=Reason.WRONG_STATE):
            refund = await self._client.v1.refunds.create_async(
                {"payment_intent": payment, "amount": amount_minor, "metadata": {"reversal": reversal}},
                {"idempotency_key": f"refund:{reversal}"},
            )
        return _refund(refund)

    async def events(self, since: datetime, before: str | None = None) -> EventPage:
        """See ``Cards.events``."""
        wanted: EventListParams = {"types": list(EVENT_KINDS), "created": {"gte": int(since.timestamp())}}
        if before:
            wanted["starting_after"] = before
        with _answers():
            page = await self._client.v1.events.list_async({**wanted, "limit": _PAGE})
        seen = [_seen(event) for event in page.data]
        return EventPage(tuple(filter(None, seen)), page.data[-1].id if page.has_more and page.data else None)


@asynccontextmanager
async def open_stripe(settings: CardSettings) -> AsyncIterator[StripeCheckout]:
    """Stripe by the settings' key; nothing is asked yet."""
    http = stripe.HTTPXClient(timeout=_TIMEOUT_SECONDS)
    client = stripe.StripeClient(
        settings.stripe_api_key.get_secret_value(),
        base_addresses={"api": settings.stripe_api_base},
        # Retries are ours to make, by the same keys: a hidden one would only be slower.
        max_network_retries=0,
        http_client=http,
    )
    try:
        yield StripeCheckout(client, settings)
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]  # of stripe, which has no types there


@contextmanager
def _answers(refused: Reason | None = None) -> Iterator[None]:
    """Turns Stripe's errors into ours. A request that it refuses for good is ``refused``, where that may happen."""
    try:
        yield
    except stripe.IdempotencyError as error:
        raise InvariantViolated(f"Stripe: {error}") from error
    except stripe.InvalidRequestError as error:
        if error.http_status == _CONFLICT:
            raise Unavailable(f"Stripe: {error}") from error
        if refused is not None:
            reason = Reason.EXPIRED if error.param == "expires_at" else refused
            raise Refused(reason, what=(error.user_message or "")[:_SHOWN]) from error
        raise InvariantViolated(f"Stripe: {error}") from error
    except stripe.StripeError as error:
        raise Unavailable(f"Stripe: {error}") from error


def _seen(event: stripe.Event) -> EventSeen | None:
    """An event; None for one that cannot be read, which must not keep the others."""
    try:
        return event_seen(event.to_dict())
    except ValueError as error:
        log.error("event_unreadable", id=event.id, kind=event.type, error=str(error))
        return None


def _session(session: stripe.checkout.Session) -> CardSession:
    metadata = session.metadata.to_dict() if session.metadata is not None else {}
    return CardSession(
        id=session.id,
        url=session.url or "",
        status=SessionStatus(session.status or ""),
        paid=session.payment_status == "paid",
        mode=session.mode,
        live=session.livemode,
        currency=session.currency or "",
        amount_minor=session.amount_total or 0,
        invoice=metadata.get("invoice", ""),
        person=metadata.get("person", ""),
        payment=_id(session.payment_intent),
    )


def _refund(refund: stripe.Refund) -> CardClaim:
    metadata = refund.metadata.to_dict() if refund.metadata is not None else {}
    state = _REFUNDS.get(refund.status or "", ClaimState.OPEN)
    payment = _id(refund.payment_intent) or ""
    reversal = metadata.get("reversal")
    return CardClaim(refund.id, ClaimKind.REFUND, state, payment, refund.currency, refund.amount, reversal)


def _dispute(dispute: stripe.Dispute) -> CardClaim:
    state = _DISPUTES.get(dispute.status, ClaimState.OPEN)
    payment = _id(dispute.payment_intent) or ""
    return CardClaim(dispute.id, ClaimKind.DISPUTE, state, payment, dispute.currency, dispute.amount)


def _id(reference: object) -> str | None:
    """An object's id, whether it is only named or stands there whole."""
    if reference is None or isinstance(reference, str):
        return reference
    return str(getattr(reference, "id", "")) or None
