"""What people and reviewers are told of an application for a level, and which messages show a document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from wallet_core.domain.kyc_application import PARTS, REVIEWERS, KycApplication
from wallet_core.domain.ledger import Message
from wallet_core.domain.record import Record


def kyc_facts(application: KycApplication) -> dict[str, Any]:
    """What its card shows: how many documents there are of each part, and nothing of what they are."""
    parts = [
        {"part": part.value, "files": len(application.of_part(part)), "done": part in application.done}
        for part in PARTS[application.level]
    ]
    names = ("state", "person", "level", "again", "reason", "again_from", "expires_at", "handed_in_at", "ended_at")
    stored = application.document()
    asks = application.asks.value if application.asks else None
    approvals = {"approvals": len(application.approvals), "approvals_needed": REVIEWERS[application.level]}
    return {"id": application.id, "parts": parts, "asks": asks} | approvals | {name: stored[name] for name in names}


def kyc_thread(application: str) -> str:
    """The chat message that follows an application."""
    return f"kyc:{application}"


def kyc_message(application: KycApplication, *, news: bool = False) -> Message:
    """The card that follows an application: edited in place, or, with what others did, below everything.

    Telegram tells nobody of an edit.
    """
    told = kyc_facts(application) | {"news": news}
    return Message(application.person, "kyc", told, thread=kyc_thread(application.id))


def review_thread(application: str, admin: int) -> str:
    """The chat message that follows an application for one reviewer."""
    return f"kyc_review:{application}:{admin}"


def review_message(application: KycApplication, admin: int, name: str, decided_by_name: str | None = None) -> Message:
    """What a reviewer is told of an application: one message for each of them, edited as it goes on."""
    decided = {"decided_by": application.decided_by, "decided_by_name": decided_by_name}
    told = kyc_facts(application) | {"name": name} | decided
    return Message(admin, "kyc_review", told, thread=review_thread(application.id, admin))


class ShownDocument(Record):
    """A message that shows a document, in a reviewer's chat or still in the person's, and when it has to go away."""

    collection: ClassVar[str] = "kyc_shown"
    # Which message shows it guards nothing: the look itself stands in the journal.
    ledgered: ClassVar[bool] = False

    #: ``<chat>:<message>``
    id: str
    application: str
    chat: int
    message_id: int
    until: datetime
