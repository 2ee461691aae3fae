"""One document a person that every money movement, freeze and level change of theirs reads and writes.

MongoDB's snapshot isolation conflicts on writes only. A withdrawal that merely read "not frozen" could commit after the
freeze; because both write this document, one of them is decided again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Role, access_of
from wallet_core.domain.record import Document, Record, Target


class CardLot(BaseModel):
    """ITD bought by card: it may be taken back for a while, so until it matures it may not be withdrawn."""

    model_config = ConfigDict(frozen=True)

    invoice: str
    amount_minor: int
    matures_at: datetime


class StartedAlone(BaseModel):
    """A mass send that nobody but its payer approved, in ITD minor units; see ``domain/mass_alone``."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    amount_minor: int


class Guards(Record):
    """What decides whether a person may do something now."""

    collection: ClassVar[str] = "guards"

    id: int
    level: int = 1
    role: Role | None = None
    #: When and by whom the person was frozen; None when they are not.
    frozen_at: datetime | None = None
    frozen_by: str | None = None
    #: The TOTP secret, sealed by the vault; None until the person has enrolled.
    secret: bytes | None = None
    #: A secret that waits for its first code.
    pending_secret: bytes | None = None
    #: The last time step (RFC 6238) whose code was accepted; nothing at or below it is accepted again.
    last_step: int = 0
    #: Wrong codes since the last good one, and in all.
    failures: int = 0
    failures_in_all: int = 0
    locked_until: datetime | None = None
    #: When the last good code was given, and what was sent without one since then.
    code_at: datetime | None = None
    sent_since_code_minor: int = 0
    #: Argon2id hashes of the unused recovery codes, by their number.
    recovery_hashes: dict[str, str] = Field(default_factory=dict)
    #: No withdrawal before this time, after a recovery code enrolled a new device.
    withdrawals_from: datetime | None = None
    #: ITD that the person owes us, because a payment was taken back after it had been spent.
    debt_minor: int = 0
    #: Card money that may not be withdrawn yet: what is left of each lot, the oldest first.
    card_lots: tuple[CardLot, ...] = ()
    #: Mass sends that they started without a second admin's approval, those of the last day at least.
    mass_starts: tuple[StartedAlone, ...] = ()
    #: Card payments of theirs that are disputed now.
    disputes: tuple[str, ...] = ()
    #: How many withdrawals the person has asked for: what was counted of them is relied on while this stays.
    requests: int = 0
    #: Since when the person has this second factor, and any at all; None: since before that was noted.
    enrolled_at: datetime | None = None
    member_since: datetime | None = None
    #: day -> operation -> {count, amount_minor}
    limits: dict[str, dict[str, dict[str, int]]] = Field(default_factory=dict)

    @property
    def enrolled(self) -> bool:
        """Whether two-factor authentication is enabled."""
        return self.secret is not None

    @classmethod
    def required(cls, document: Document | None) -> Self:
        """The guards of a stored document. Raises ``Refused(ENROL_FIRST)`` where there are none."""
        if document is None:
            raise Refused(Reason.ENROL_FIRST)
        return cls.of(document)

    def with_(self, **fields: Any) -> Document:
        """The document with these fields changed."""
        return self.model_copy(update=fields).document()


@dataclass(frozen=True, slots=True)
class ChangeGuards:
    """A guard or effect on a person's guards, given as a pure function of them and of database time."""

    person: int
    change: Callable[[Guards, datetime], Document]

    @property
    def target(self) -> Target:
        """The person's guards."""
        return Target(Guards.collection, self.person)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The changed guards; a person without any starts with fresh ones."""
        return self.change(Guards.of(document) if document else Guards(id=self.person), now)


@dataclass(frozen=True, slots=True)
class UnlessFrozen:
    """A guard on one person, of thousands in a batch: it looks at one field, and makes no ``Guards`` of the others."""

    person: int

    @property
    def target(self) -> Target:
        """The person's guards."""
        return Target(Guards.collection, self.person)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The guards unchanged; a person without any starts with fresh ones. Raises ``Refused(FROZEN)``."""
        if document is None:
            return Guards(id=self.person).document()
        if document.get("frozen_at") is not None:
            _refuse_frozen(Guards.of(document))
        return document


def unless_frozen(person: int) -> UnlessFrozen:
    """Refuses with FROZEN while the person is frozen."""
    return UnlessFrozen(person)


def _refuse_frozen(guards: Guards) -> None:
    if guards.frozen_at is not None:
        raise Refused(Reason.FROZEN, frozen_at=guards.frozen_at, frozen_by=guards.frozen_by)


#: What ``Refused(CHANGED_MEANWHILE)`` names when another request of the person's came in between.
REQUESTS = "requests"


def request_counted(person: int, read: int, *, more: int = 1) -> ChangeGuards:
    """One more request, where there were so many when its facts were read; 0 ``more`` where it was refused.

    Refuses with CHANGED_MEANWHILE when another one came in between: the facts may not be so any more.
    """

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.requests != read:
            raise Refused(Reason.CHANGED_MEANWHILE, what=REQUESTS)
        return guards.with_(requests=read + more)

    return ChangeGuards(person, change)


def if_enrolled(person: int, reason: Reason) -> ChangeGuards:
    """Refuses with ``reason`` unless the person has enrolled."""

    def check(guards: Guards, _now: datetime) -> Document:
        if not guards.enrolled:
            raise Refused(reason)
        return guards.document()

    return ChangeGuards(person, check)


def frozen(person: int, by: str) -> ChangeGuards:
    """Freezes the person in somebody's name. Raises ``Refused(FROZEN)`` when they are frozen already."""

    def change(guards: Guards, now: datetime) -> Document:
        _refuse_frozen(guards)
        return guards.with_(frozen_at=now, frozen_by=by)

    return ChangeGuards(person, change)


def thawed(person: int, by: str) -> ChangeGuards:
    """Ends a freeze that the same name began. Raises ``Refused`` NOT_FROZEN, or FROZEN when it was somebody else's."""

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.frozen_at is None:
            raise Refused(Reason.NOT_FROZEN)
        if guards.frozen_by != by:
            _refuse_frozen(guards)
        return guards.with_(frozen_at=None, frozen_by=None)

    return ChangeGuards(person, change)


def if_allowed(person: int, access: Access) -> ChangeGuards:
    """Refuses with NOT_ALLOWED unless the person's role still reaches so far."""

    def check(guards: Guards, _now: datetime) -> Document:
        if not guards.enrolled or access_of(guards.role) < access:
            raise Refused(Reason.NOT_ALLOWED)
        return guards.document()

    return ChangeGuards(person, check)


def set_role(person: int, role: Role | None) -> ChangeGuards:
    """Gives the person a role, or takes it away."""
    return ChangeGuards(person, lambda guards, _now: guards.with_(role=role))
