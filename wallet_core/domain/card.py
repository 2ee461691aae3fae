"""What the card company says, in our words. Its objects are fetched; its events are only a reason to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from wallet_core.domain.purchase import Invoice
from wallet_core.domain.record import Record

#: The least that Stripe charges, in US cents (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
LEAST_CHARGE_MINOR: Final = 50
#: Stripe's own limit for ids (https://docs.stripe.com/upgrades).
_LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True)
class CardAccount:
    """Whose money it becomes; ``live`` unless the key is a test key."""

    id: str
    live: bool

    @property
    def name(self) -> str:
        """What a rail adopts at the first start and insists on at every later one."""
        return f"{self.id}:{mode_name(self.live)}"


def mode_name(live: bool) -> str:
    """Stripe keeps two worlds apart, and so do we: money of one never counts in the other."""
    return "live" if live else "test"


class SessionStatus(StrEnum):
    """Of a Checkout Session (Stripe's API reference, ``checkout.session.status``)."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CardSession:
    """A Checkout Session: the page at which one invoice is paid. ``amount_minor`` in minor units of ``currency``."""

    id: str
    url: str
    status: SessionStatus
    #: Whether the money is ours. A complete session may still wait for it: bank debits take days.
    paid: bool
    mode: str
    live: bool
    currency: str
    amount_minor: int
    #: As we wrote them into its metadata.
    invoice: str
    person: str
    #: Its PaymentIntent, once there is one.
    payment: str | None


def differences(session: CardSession, invoice: Invoice, live: bool) -> list[str]:
    """In what a session is not the one that we opened for the invoice; nothing may be booked then."""
    wanted = {
        "id": invoice.address,
        "invoice": invoice.id,
        "person": str(invoice.person),
        "amount_minor": invoice.coin_minor,
        "currency": "usd",
        "mode": "payment",
        "live": live,
    }
    return [name for name, value in wanted.items() if getattr(session, name) != value]


class ChargeState(StrEnum):
    """What became of a complete session's money."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ClaimState(StrEnum):
    """How far a refund or a dispute is, at the card company."""

    OPEN = "open"
    #: The money went back to the card.
    LOST = "lost"
    #: It is ours again, or still: the refund failed, the dispute was won or never became one.
    KEPT = "kept"


class ClaimKind(StrEnum):
    """Why money of a charge goes back: we gave it, or the card's owner demanded it from their bank."""

    REFUND = "refund"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class CardClaim:
    """A refund or a dispute as the card company has it, in US cents; ``reversal`` is our id of a refund of ours."""

    id: str
    kind: ClaimKind
    state: ClaimState
    payment: str
    currency: str
    amount_minor: int
    reversal: str | None = None


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event: when, and what to look at. Nothing that it says is believed."""

    id: str
    kind: str
    at: datetime
    live: bool
    session: str | None = None
    payment: str | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, the newest first; older ones that were asked for come before the one that ``more_before`` names."""

    events: tuple[EventSeen, ...]
    more_before: str | None


class CardEvent(Record):
    """An event that was heard of, by a webhook or by asking; once, by its id. It only makes us look sooner."""

    collection: ClassVar[str] = "card_events"
    ledgered: ClassVar[bool] = False

    id: str
    kind: str
    at: datetime
    session: str | None = None
    payment: str | None = None
    #: When what it is about was looked at; None while that is still to be done.
    handled_at: datetime | None = None


class CardCursor(Record):
    """Up to when the card company's events were read. ``id`` is the account's name."""

    collection: ClassVar[str] = "card_cursors"
    ledgered: ClassVar[bool] = False

    id: str
    read_to: datetime


#: The events that tell of an invoice or of a payment (https://docs.stripe.com/api/events/types).
EVENT_KINDS: Final = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)


def event_seen(body: Mapping[str, Any]) -> EventSeen:
    """An event as Stripe writes it. Raises ``ValueError`` for what is none."""
    try:
        about = body["data"]["object"]
        is_session = about["object"] == "checkout.session"
        return EventSeen(
            id=_text(body["id"]),
            kind=_text(body["type"]),
            at=datetime.fromtimestamp(int(body["created"]), UTC),
            live=body["livemode"] is True,
            session=_text(about["id"]) if is_session else None,
            payment=_text(about["payment_intent"]) if about.get("payment_intent") else None,
        )
    except (KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise ValueError("it is no event") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        raise ValueError("an id is no text")
    return value


def event_record(event: EventSeen) -> CardEvent:
    """What is kept of an event until what it is about was looked at."""
    return CardEvent(id=event.id, kind=event.kind, at=event.at, session=event.session, payment=event.payment)
