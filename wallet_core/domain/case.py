"""Cases on the admins' desk: money that came in and for which no rule decides.

The coins of a case lie in ``suspense`` from its opening on (``payment_set_aside``), so that the books have them before
anybody decides: credited, kept, or refunded, once. A refund is a payout with the case's id: the signer's own record
lets it have one meaning, so no case is ever paid twice, whatever the database says of it by then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from pydantic import Field

from wallet_core.domain.changes import Move
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.record import Record


class CaseKind(StrEnum):
    """Why no rule decides."""

    #: Worth less than the least that is credited.
    TOO_SMALL = "too_small"
    #: It was credited, the payment left the chain for good, and the money was spent already.
    OWED = "owed"
    #: The card company took the money back or may do so.
    DISPUTE = "dispute"
    #: It is above the limit of a day: the person's, held, and released as limits allow, unless it is sent back.
    ABOVE_LIMIT = "above_limit"


class CaseState(StrEnum):
    """OPEN until an admin decides; WAITING while the person is asked for the rest, or for an address.

    PAYING while a refund is under way: it ends CLOSED when that is paid, WAITING when the person took it back, and OPEN
    when it could not be paid.
    """

    OPEN = "open"
    WAITING = "waiting"
    PAYING = "paying"
    CLOSED = "closed"


class CaseChoice(StrEnum):
    """What an admin may decide."""

    #: Credit its coins at today's rate.
    CREDIT = "credit"
    ASK_REST = "ask_rest"
    #: Send its coins back, to an address for which the person is asked.
    REFUND = "refund"
    #: The house keeps its coins.
    KEEP = "keep"
    #: Nothing is to be done about it; what is owed stays owed.
    CLOSE = "close"


#: What may be decided about each kind.
CHOICES: Final = {
    CaseKind.TOO_SMALL: (CaseChoice.CREDIT, CaseChoice.ASK_REST, CaseChoice.REFUND, CaseChoice.KEEP),
    CaseKind.OWED: (CaseChoice.CLOSE,),
    CaseKind.DISPUTE: (CaseChoice.CLOSE,),
    CaseKind.ABOVE_LIMIT: (CaseChoice.REFUND, CaseChoice.CLOSE),
}
#: Those that an admin may decide about, perhaps anew.
UNDECIDED: Final = (CaseState.OPEN, CaseState.WAITING)


class Case(Record):
    """One case. ``facts`` are what its kind has to tell beside this, amounts in minor units."""

    collection: ClassVar[str] = "cases"

    id: str
    kind: CaseKind
    state: CaseState = CaseState.OPEN
    person: int
    invoice: str
    asset: Asset
    #: Coins that lie aside for it; 0 where it is about ITD alone, such as held money that nobody sends back yet.
    coin_minor: int = 0
    #: Ids of the payments that it is about: on chains of coins one, or those whose coins above a limit go back.
    payments: tuple[str, ...] = ()
    #: HMAC of ``terms``: nothing is decided about a case that somebody wrote into the database.
    mac: str = ""
    opened_at: datetime
    #: Whether the admins were told of it, so that they are told how it goes on.
    told: bool = False
    #: How often it was decided about: who saw fewer decisions than there are decides nothing.
    decisions: int = 0
    choice: CaseChoice | None = None
    decided_by: int | None = None
    decided_at: datetime | None = None
    #: Until when the person was asked for the rest; it may come later too.
    until: datetime | None = None
    #: How often its refund was begun, each time perhaps to another address.
    refunds: int = 0
    facts: dict[str, Any] = Field(default_factory=dict)

    def decided(self, choice: CaseChoice, to: CaseState, by: int, at: datetime, **more: Any) -> Case:
        """The case after an admin's decision."""
        made = {"state": to, "choice": choice, "decided_by": by, "decided_at": at, "decisions": self.decisions + 1}
        return self.model_copy(update=made | more)

    def terms(self) -> bytes:
        """What its MAC covers: who may get how many coins because of what; no other terms begin like it."""
        terms = [self.id, self.kind, self.person, self.invoice, self.asset, self.coin_minor, list(self.payments)]
        # What would be held again, where it was held before.
        parts = [self.facts["parts"]] if "parts" in self.facts else []
        return b"case " + json.dumps([*terms, *parts]).encode()

    @property
    def awaits_rest(self) -> bool:
        """Whether another payment to the same invoice may complete it."""
        return self.state is CaseState.OPEN or (self.state is CaseState.WAITING and self.choice is CaseChoice.ASK_REST)


def case_id(kind: CaseKind, subject: str) -> str:
    """The id of the one case of this kind about a subject: a payment and its generation, a dispute."""
    return hashlib.sha256(f"{kind}:{subject}".encode()).hexdigest()[:32]


def case_about(invoice: Invoice, kind: CaseKind, subject: str, opened_at: datetime, **fields: Any) -> Case:
    """An open case about a purchase, or something of it, that nobody knows of yet."""
    return Case(
        id=case_id(kind, subject),
        kind=kind,
        person=invoice.person,
        invoice=invoice.id,
        asset=invoice.asset,
        opened_at=opened_at,
        **fields,
    )


def decide(case: Case, decided: Case) -> Move:
    """The decision, as a change. Refused when somebody else decided in between."""
    names = ("choice", "decided_by", "decided_at", "decisions", "until", "coin_minor", "payments", "mac", "facts")
    fields = {name: getattr(decided, name) for name in names}
    expected = {"decisions": case.decisions}
    return Move(Case, case.id, frozenset({case.state}), decided.state, fields, expected)


def completed(cases: Sequence[Case]) -> tuple[Move, ...]:
    """Closes cases because another payment made them worth crediting: for the posting that credits all of it.

    That posting also has ``payment_taken_up`` for their coins. Refused when an admin decided in between.
    """
    return tuple(closed(case) for case in cases if case.awaits_rest)


def closed(case: Case, **fields: Any) -> Move:
    """The end of a case by itself, nobody having decided since it was read. Refused when somebody did."""
    expected = {"decisions": case.decisions}
    return Move(Case, case.id, frozenset({case.state}), CaseState.CLOSED, fields, expected)
