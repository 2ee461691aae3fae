"""What the bot must remember between two messages, so that any process can pick up any message after any restart."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from wallet_core.domain.record import Record


class Tap(Record):
    """What an inline button does. Its id is all that the button carries: opaque, at most 64 bytes, used once."""

    collection: ClassVar[str] = "taps"
    ledgered: ClassVar[bool] = False

    id: str
    #: Buttons of one card share it: once one of them was used, the others are used as well.
    card: str
    person: int
    chat: int
    action: str
    argument: str | None = None
    #: The thread whose message carries it.
    thread: str | None = None
    expires_at: datetime
    used_at: datetime | None = None


class Draft(Record):
    """What the bot waits for in a person's private chat, such as the 6-digit code of a withdrawal."""

    collection: ClassVar[str] = "drafts"
    ledgered: ClassVar[bool] = False

    #: The person's id.
    id: int
    action: str
    argument: str | None = None
    #: The message that asked, to be edited or deleted when it was answered.
    message_id: int | None = None
    expires_at: datetime


class Invitation(Record):
    """The link by which somebody came who has not enrolled yet, to be opened when they have."""

    collection: ClassVar[str] = "invitations"
    ledgered: ClassVar[bool] = False

    #: The person's id.
    id: int
    parameter: str
    expires_at: datetime


class SentMessage(Record):
    """Which message of a chat shows a thread, so that the next state of it edits the same one."""

    collection: ClassVar[str] = "sent_messages"
    ledgered: ClassVar[bool] = False

    #: The thread, such as ``withdrawal:<id>``.
    id: str
    chat: int
    message_id: int
    #: A digest of what it says, so that an edit that changes nothing is not sent; empty: not known.
    digest: str = ""


class OutboxState(StrEnum):
    """A message waits until Telegram took it, or told that it never will."""

    WAITING = "waiting"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


class OutboxMessage(Record):
    """A message that the bot owes to a person, written by the posting that it tells of."""

    collection: ClassVar[str] = "outbox"
    # A posting adds it; marking it as sent moves nothing.
    ledgered: ClassVar[bool] = False

    #: ``<posting key>#<n>``
    id: str
    state: OutboxState = OutboxState.WAITING
    person: int
    template: str
    facts: dict[str, Any]
    thread: str | None = None
    sealed: bytes | None = None
    at: datetime
    order: int
    #: No process may send it before then: another has claimed it, or Telegram asked to wait.
    claimed_until: datetime | None = None
