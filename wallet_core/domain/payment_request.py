"""Somebody asks for money by a link: how much, from one or from many, until when. Pure.

What a payment does to it is decided in the payment's own posting (``PayRequest``), so that two who pay at once, or one
who pays while it is cancelled, find one truth. Amounts in ITD minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Message
from wallet_core.domain.record import Document, Record, Target

#: Of one request; more would make its document, which every payment writes, slow. Who only looks leaves room.
MOST_PAYERS: Final = 200
_MOST_REMEMBERED: Final = 100
#: What ``Refused(CHANGED_MEANWHILE)`` names when somebody else paid in between.
PAID: Final = "paid_minor"


class Payers(StrEnum):
    """From whom it is asked."""

    #: The first who pays anything is the only one.
    ONE = "one"
    #: Each pays the whole amount, or, where it is open, what they like.
    MANY = "many"


class RequestState(StrEnum):
    """OPEN until ONE has paid it whole, or it is cancelled. One whose time is over stays OPEN and is refused."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Payer(BaseModel):
    """Somebody who opened the link, and what they have paid."""

    model_config = ConfigDict(frozen=True)

    person: int
    name: str
    paid_minor: int = 0


class PaymentRequest(Record):
    """One request. ``amount_minor`` is what each is asked for; 0: as they like."""

    collection: ClassVar[str] = "payment_requests"

    id: str
    #: Who asks, and the name that payers are shown.
    person: int
    name: str
    from_: Payers
    amount_minor: int
    note: str = ""
    state: RequestState = RequestState.OPEN
    payers: tuple[Payer, ...] = ()
    paid_minor: int = 0
    created_at: datetime | None = None
    expires_at: datetime
    reminded_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_open_amount(self) -> bool:
        """Whether everybody pays what they like."""
        return self.amount_minor == 0

    def paid_by(self, person: int) -> int:
        """What one has paid of it."""
        return next((payer.paid_minor for payer in self.payers if payer.person == person), 0)

    def left_for(self, person: int) -> int:
        """What one may still pay; of an open amount, 0 says: as they like.

        Raises ``Refused``: WRONG_STATE when it is paid or cancelled, REQUEST_TAKEN when somebody else pays it, and
        REQUEST_PAID when this one has paid their part.
        """
        if self.state is not RequestState.OPEN:
            raise Refused(Reason.WRONG_STATE, what=self.collection, state=self.state)
        if self.from_ is Payers.ONE and any(p.paid_minor and p.person != person for p in self.payers):
            raise Refused(Reason.REQUEST_TAKEN)
        left_minor = 0 if self.is_open_amount else self.amount_minor - self.paid_by(person)
        if left_minor <= 0 and not self.is_open_amount:
            raise Refused(Reason.REQUEST_PAID, paid_minor=self.paid_by(person))
        return left_minor


@dataclass(frozen=True, slots=True)
class PayRequest:
    """So much of a request is paid by somebody, in the posting that moves the money."""

    request: str
    person: int
    name: str
    amount_minor: int
    #: What had been paid in all when it was decided: the requester's card, which goes with it, says what has been then.
    read_minor: int

    @property
    def target(self) -> Target:
        """The request."""
        return Target(PaymentRequest.collection, self.request)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The request with it. Raises ``Refused``: NOT_FOUND, EXPIRED, what ``left_for`` raises, and REQUEST_OVERPAID
        with what is left for more than that, since nobody pays more than they were asked for by mistake; and
        CHANGED_MEANWHILE when somebody else paid in between, to be decided anew.
        """
        request = _found(document)
        if now > request.expires_at:
            raise Refused(Reason.EXPIRED, expired_at=request.expires_at)
        left_minor = request.left_for(self.person)
        if left_minor and self.amount_minor > left_minor:
            raise Refused(Reason.REQUEST_OVERPAID, left_minor=left_minor)
        if request.paid_minor != self.read_minor:
            raise Refused(Reason.CHANGED_MEANWHILE, what=PAID)
        return paid(request, self.person, self.name, self.amount_minor, now).document()


def paid(request: PaymentRequest, person: int, name: str, amount_minor: int, now: datetime) -> PaymentRequest:
    """The request after a payment. Of ONE, the whole amount, or whatever was paid of an open one, ends it."""
    payer = Payer(person=person, name=name, paid_minor=request.paid_by(person) + amount_minor)
    whole = request.from_ is Payers.ONE and (request.is_open_amount or payer.paid_minor >= request.amount_minor)
    ended = {"state": RequestState.PAID, "ended_at": now} if whole else {}
    fields: dict[str, Any] = {"paid_minor": request.paid_minor + amount_minor, **ended}
    return request.model_copy(update={**fields, "payers": _with(request.payers, payer)})


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Somebody opened the link: the requester sees who was asked, and may remind them."""

    request: str
    person: int
    name: str

    @property
    def target(self) -> Target:
        """The request."""
        return Target(PaymentRequest.collection, self.request)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The request with them among its payers; who is one already stays as they are. Raises NOT_FOUND."""
        request = _found(document)
        if any(payer.person == self.person for payer in request.payers) or len(request.payers) >= _MOST_REMEMBERED:
            return request.document()
        payer = Payer(person=self.person, name=self.name)
        return request.model_copy(update={"payers": (*request.payers, payer)}).document()


def _found(document: Document | None) -> PaymentRequest:
    if document is None:
        raise Refused(Reason.NOT_FOUND, what=PaymentRequest.collection)
    request = PaymentRequest.of(document)
    if request.paid_minor != sum(payer.paid_minor for payer in request.payers):
        raise InvariantViolated(f"payment request {request.id}: its payers do not add up to what was paid")
    return request


def _with(payers: Iterable[Payer], changed: Payer) -> tuple[Payer, ...]:
    """Raises ``Refused(REQUEST_FULL)``."""
    others = [payer for payer in payers if payer.person != changed.person]
    if len(others) >= MOST_PAYERS:
        raise Refused(Reason.REQUEST_FULL, most=MOST_PAYERS)
    return (*others, changed)


def request_message(request: PaymentRequest) -> Message:
    """The requester's card, which follows in one message."""
    names = ("from_", "amount_minor", "note", "state", "paid_minor", "expires_at")
    shown = request.document()
    facts = {name: shown[name] for name in names} | {"id": request.id, "payers": shown["payers"]}
    return Message(request.person, "payment_request", facts, thread=f"request:{request.id}")
