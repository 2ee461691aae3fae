"""One document a person that every money movement, freeze and level change of theirs reads and writes.

MongoDB's snapshot isolation conflicts on writes only. A withdrawal that merely read "not frozen" could commit after the
freeze; because both write this document, one of them is decided again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freeze import Freeze, frozen_refusal, is_reset, own_name, reset_name
from wallet_core.domain.people import Access, Role, access_of
from wallet_core.domain.record import Document, Record, Target

#: The authentication code of terms, and whether one belongs to them: ``ports.Vault`` has both.
Mac = Callable[[bytes], str]
Fits = Callable[[bytes, str], bool]


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
    #: How often the role was changed, and the HMAC of ``role_terms``: a role without it is none. See ``sealed_role``.
    role_number: int = 0
    role_mac: str = ""
    #: When and by whom the person was frozen; None when they are not.
    frozen_at: datetime | None = None
    frozen_by: str | None = None
    #: What an admin wrote about it, and when it ends by itself: an admin's end, or that which the person asked for.
    frozen_reason: str | None = None
    frozen_until: datetime | None = None
    #: Since when the person wants to be frozen themselves as well, beneath somebody else's freeze.
    own_frozen_at: datetime | None = None
    #: The TOTP secret, sealed by the vault; None until the person has enrolled.
    secret: bytes | None = None
    #: A secret that waits for its first code.
    pending_secret: bytes | None = None
    #: Until when it may replace the secret that there is; None while there is none.
    pending_until: datetime | None = None
    #: The reset of this second factor, and the move to another Telegram account, that is under way.
    reset: str | None = None
    move: str | None = None
    #: Wrong codes for moves, whichever it was, since a recovery code was last used up by one.
    move_tries: int = 0
    #: No reset may be asked for before this time, after the person cancelled one with a code.
    resets_from: datetime | None = None
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

    def freeze(self, now: datetime) -> Freeze | None:
        """The freeze that holds at this time. One whose end has come holds no more, whether or not it was tidied up."""
        if self.frozen_at is not None and (self.frozen_until is None or now < self.frozen_until):
            return Freeze(self.frozen_at, self.frozen_by, self.frozen_reason, self.frozen_until)
        if self.own_frozen_at is not None:
            return Freeze(self.own_frozen_at, own_name(self.id))
        # A reset began beneath a freeze that is over: it keeps the wallet frozen by itself from then on.
        since = self.frozen_until or self.frozen_at
        return Freeze(since, reset_name(self.reset)) if self.reset and since else None

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
        # Also what lies beneath another freeze, the person's own or a reset's, has this field set.
        freeze = Guards.of(document).freeze(now) if document.get("frozen_at") is not None else None
        if freeze is not None:
            raise frozen_refusal(freeze)
        return document


def unless_frozen(person: int) -> UnlessFrozen:
    """Refuses with FROZEN while the person is frozen."""
    return UnlessFrozen(person)


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


def frozen(person: int, by: str, *, anew: bool = False) -> ChangeGuards:
    """Freezes the person in somebody's name, until it is ended.

    The person themselves also take back with it that their freeze should end, make a reset's freeze their own, and stay
    frozen when an admin's ends. Raises ``Refused(FROZEN)`` when nothing of that is left to do, unless ``anew``.
    """

    def change(guards: Guards, now: datetime) -> Document:
        freeze = guards.freeze(now)
        if freeze is None:
            return guards.with_(**UNFROZEN | {"frozen_at": now, "frozen_by": by})
        is_own, is_stopped = by == own_name(person), guards.own_frozen_at is not None
        if is_own and ((freeze.by == by and freeze.until) or is_reset(freeze)):
            return guards.with_(frozen_by=by, frozen_until=None)
        if is_own and freeze.by != by and not is_stopped:
            return guards.with_(own_frozen_at=now)
        if not anew:
            raise frozen_refusal(freeze)
        return guards.document()

    return ChangeGuards(person, change)


UNFROZEN: Final[dict[str, object]] = {
    "frozen_at": None,
    "frozen_by": None,
    "frozen_reason": None,
    "frozen_until": None,
    "own_frozen_at": None,
}


def thawed(person: int, by: str, delay: timedelta = timedelta(0)) -> ChangeGuards:
    """Lets a freeze that the same name began end after ``delay``.

    Raises ``Refused`` NOT_FROZEN, and FROZEN when it was somebody else's or ends by itself already.
    """

    def change(guards: Guards, now: datetime) -> Document:
        freeze = guards.freeze(now)
        if freeze is None:
            raise Refused(Reason.NOT_FROZEN)
        if freeze.by != by or freeze.until is not None:
            raise frozen_refusal(freeze)
        return guards.with_(
            **({"frozen_at": freeze.at, "frozen_until": now + delay} if delay or guards.reset else UNFROZEN)
        )

    return ChangeGuards(person, change)


def if_role_reaches(person: int, access: Access, fits: Fits) -> ChangeGuards:
    """Refuses with NOT_ALLOWED unless the person's sealed role still reaches so far; see ``gate.if_allowed``."""

    def check(guards: Guards, _now: datetime) -> Document:
        if not guards.enrolled or access_of(sealed_role(guards, fits)) < access:
            raise Refused(Reason.NOT_ALLOWED)
        return guards.document()

    return ChangeGuards(person, check)


def role_terms(person: int, role: Role | None, number: int) -> bytes:
    """What the seal of a role covers. No other terms begin like it."""
    return b"role " + json.dumps([person, role, number]).encode()


def sealed_role(guards: Guards, fits: Fits) -> Role | None:
    """The role, if its seal fits: who writes into the database makes nobody an admin."""
    if guards.role is None or not fits(role_terms(guards.id, guards.role, guards.role_number), guards.role_mac):
        return None
    return guards.role


def set_role(person: int, role: Role | None, number: int, mac: Mac) -> ChangeGuards:
    """Gives the person a role, or takes it away, as the change of this number; the first is 1.

    Refuses with CHANGED_MEANWHILE when it was changed since the number was read.
    """

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.role_number != number - 1:
            raise Refused(Reason.CHANGED_MEANWHILE, what="role")
        return guards.with_(role=role, role_number=number, role_mac=mac(role_terms(person, role, number)))

    return ChangeGuards(person, change)
