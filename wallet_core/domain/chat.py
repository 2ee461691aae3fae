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


class OfferMessage(Record):
    """The message in some chat that shows an offer to whoever is first. Its id is what its button carries.

    The button is for anybody, and what it does happens once however many press it: ``Claimable`` sees to that.
    """

    collection: ClassVar[str] = "offer_messages"
    ledgered: ClassVar[bool] = False

    id: str
    #: The ``InlineOffer``, and the ``Claimable`` that comes of it.
    offer: str
    #: Telegram's name for the message: told when it is posted, as far as Telegram tells that, and with every press.
    inline_message_id: str | None = None
    expires_at: datetime


class PassingMessage(Record):
    """A message in a group that goes away after a while, also when the bot was restarted meanwhile."""

    collection: ClassVar[str] = "passing_messages"
    ledgered: ClassVar[bool] = False

    #: ``<chat>:<message>``
    id: str
    chat: int
    message_id: int
    until: datetime


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
    #: The message that brought a key to choose a person with; where it goes, the key goes.
    picker_id: int | None = None
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
