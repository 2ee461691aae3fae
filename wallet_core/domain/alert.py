"""What admins are told of alarms: an episode for each kind on each rail, how grave it is, and when to say so again.

An episode begins with an alarm's first posting, counts the ones that follow, and ends when somebody has seen to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target


class Severity(StrEnum):
    """How soon somebody has to look: now, today, or when there is time."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


#: Every alarm that can be raised. ``bot/views/alarm_guide`` says what to do about each; a test compares both.
SEVERITIES: Final[Mapping[str, Severity]] = {
    "record_incomplete": Severity.CRITICAL,
    "foreign_spend": Severity.CRITICAL,
    "nonce_ahead": Severity.CRITICAL,
    "deposit_gone": Severity.CRITICAL,
    "deposit_unexplained": Severity.CRITICAL,
    "reorganised_after_final": Severity.CRITICAL,
    "paid_after_all": Severity.CRITICAL,
    "contract_refused": Severity.WARNING,
    "fee_capped": Severity.WARNING,
    "sweep_reverted": Severity.WARNING,
    "payout_tampered": Severity.CRITICAL,
    "refund_tampered": Severity.CRITICAL,
    "payout_without_batch": Severity.CRITICAL,
    "payout_signed_before": Severity.CRITICAL,
    "signer_refused": Severity.CRITICAL,
    "card_mismatch": Severity.CRITICAL,
    "card_page_refused": Severity.WARNING,
    "card_disputed": Severity.WARNING,
    "card_refund_refused": Severity.WARNING,
    "card_refund_elsewhere": Severity.INFO,
    "card_claim_doubled": Severity.WARNING,
    "card_claim_changed": Severity.WARNING,
    "hot_wallet_low": Severity.WARNING,
    "item_waits": Severity.WARNING,
    "nothing_is_formed": Severity.WARNING,
    "policies_unsound": Severity.CRITICAL,
    "role_forged": Severity.CRITICAL,
    "keys_changed": Severity.CRITICAL,
    "levels_unsound": Severity.CRITICAL,
    "item_stopped": Severity.CRITICAL,
}
#: What is about a person, whose number is nobody's business in a group.
ABOUT_PEOPLE: Final = frozenset({"role_forged"})
#: What ends when its cause does, and not because it was quiet.
LASTING: Final = frozenset({"hot_wallet_low"})
#: While something critical is open it is said again, each time after twice as long, at last once a day.
_FIRST_REMINDER: Final = timedelta(minutes=15)
_RAREST_REMINDER: Final = timedelta(days=1)
_MOST_DOUBLINGS: Final = 7
#: What is not critical, and was quiet for so long, is over by itself: longer than between two tellings of one a day.
QUIET: Final = timedelta(hours=25)
#: A count that rises all the time is told no more often than this.
_BETWEEN_COUNTS: Final = timedelta(seconds=30)


def severity_of(alarm: str) -> Severity:
    """How grave an alarm is; one that this program does not know is as grave as any."""
    return SEVERITIES.get(alarm, Severity.CRITICAL)


def of_day(subject: str, now: datetime) -> str:
    """The subject of what is told again on each day (UTC) on which it is so, because it may be over and come back."""
    return f"{subject} ({now:%Y-%m-%d})"


def alert_id(alarm: str, asset: Asset | None) -> str:
    """One for each kind of alarm on each rail."""
    return f"{alarm}:{asset or 'all'}"


class Alert(Record):
    """The latest episode of an alarm."""

    collection: ClassVar[str] = "alerts"

    id: str
    alarm: str
    asset: Asset | None = None
    #: What it was about the last time: an id, never a person's.
    subject: str
    frozen: bool = False
    #: Which episode this is, and how many postings it has had.
    episode: int = 1
    count: int = 1
    first_at: datetime
    last_at: datetime
    closed_at: datetime | None = None
    #: Who saw to it; None while it is open, and where it was over by itself.
    closed_by: int | None = None

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return severity_of(self.alarm)


class AlertNote(Record):
    """What was told of an alert up to now; its loss costs a message too many."""

    collection: ClassVar[str] = "alert_notes"
    ledgered: ClassVar[bool] = False

    id: str
    episode: int
    count: int
    closed: bool = False
    reminders: int = 0
    #: How many messages there were, so that each has an id of its own.
    messages: int = 1
    told_at: datetime


class Telling(StrEnum):
    """What is to be told of an alert now."""

    NEWS = "news"
    REMINDER = "reminder"
    CLOSED = "closed"


def due(alert: Alert, note: AlertNote | None, now: datetime) -> Telling | None:
    """What is to be told; None while what was told will do."""
    if note is None or note.episode != alert.episode:
        # What is over already is no news: it is from before there was anybody to tell.
        return Telling.NEWS if alert.closed_at is None else None
    if alert.closed_at is not None:
        return None if note.closed else Telling.CLOSED
    if alert.count != note.count and now >= note.told_at + _BETWEEN_COUNTS:
        return Telling.NEWS
    if alert.severity is Severity.CRITICAL and now >= note.told_at + wait_before(note.reminders):
        return Telling.REMINDER
    return None


def wait_before(reminders: int) -> timedelta:
    """How long after the last message the next reminder comes, when there were so many."""
    doublings = min(reminders, _MOST_DOUBLINGS)
    return min(_FIRST_REMINDER * (1 << doublings), _RAREST_REMINDER)


def noted(alert: Alert, note: AlertNote | None, telling: Telling, now: datetime) -> AlertNote:
    """The note once that was told."""
    same = note is not None and note.episode == alert.episode
    reminders = note.reminders if note is not None and same else 0
    return AlertNote(
        id=alert.id,
        episode=alert.episode,
        count=alert.count,
        closed=alert.closed_at is not None,
        reminders=reminders + (telling is Telling.REMINDER),
        messages=note.messages + 1 if note is not None else 1,
        told_at=now,
    )


@dataclass(frozen=True, slots=True)
class NoteAlert:
    """Begins an episode of an alarm, or counts one more in it."""

    alarm: str
    asset: Asset | None
    subject: str
    frozen: bool = False

    @property
    def target(self) -> Target:
        """The alarm on its rail."""
        return Target(Alert.collection, alert_id(self.alarm, self.asset))

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The alert, open."""
        if document is not None and document["closed_at"] is None:
            more = {"count": document["count"] + 1, "last_at": now, "subject": self.subject}
            return {**document, **more, "frozen": document["frozen"] or self.frozen}
        begun = Alert(
            id=self.target.id,
            alarm=self.alarm,
            asset=self.asset,
            subject=self.subject,
            frozen=self.frozen,
            episode=document["episode"] + 1 if document else 1,
            first_at=now,
            last_at=now,
        )
        return {**(document or {}), **begun.document()}


@dataclass(frozen=True, slots=True)
class EndAlert:
    """Ends whatever episode there is, because its cause is over."""

    alarm: str
    asset: Asset

    @property
    def target(self) -> Target:
        """The alarm on its rail."""
        return Target(Alert.collection, alert_id(self.alarm, self.asset))

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The alert, closed; one that began before alerts were noted is over from its beginning."""
        if document is None:
            begun = Alert(id=self.target.id, alarm=self.alarm, asset=self.asset, subject="", first_at=now, last_at=now)
            return {**begun.document(), "closed_at": now}
        return document if document["closed_at"] is not None else {**document, "closed_at": now, "closed_by": None}


@dataclass(frozen=True, slots=True)
class CloseAlert:
    """Ends an episode, as long as nothing more came since it was looked at."""

    alert: str
    episode: int
    count: int
    by: int | None

    @classmethod
    def of(cls, alert: Alert, by: int | None) -> CloseAlert:
        """The end of what was read."""
        return cls(alert.id, alert.episode, alert.count, by)

    @property
    def target(self) -> Target:
        """The alert."""
        return Target(Alert.collection, self.alert)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The alert, closed. Raises ``Refused`` NOT_FOUND or CHANGED_MEANWHILE."""
        if document is None or document["closed_at"] is not None:
            raise Refused(Reason.NOT_FOUND, what="alarm")
        if (document["episode"], document["count"]) != (self.episode, self.count):
            raise Refused(Reason.CHANGED_MEANWHILE, what="alarm")
        return {**document, "closed_at": now, "closed_by": self.by}
