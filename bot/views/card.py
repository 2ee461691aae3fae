"""A card: what one chat message says and which buttons stand below it, as plain data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from bot.actions import Action


@dataclass(frozen=True, slots=True)
class Button:
    """A button that does ``action``, with ``copies`` puts a text on the clipboard (256 characters at most), or opens
    a page.
    """

    label: str
    action: Action | None = None
    argument: str | None = None
    copies: str | None = None
    url: str | None = None


Row = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Text in Telegram's HTML, and rows of buttons.

    ``thread`` names the chat message that shows it, so that whatever comes next for the same thing edits that message.
    ``expires_at`` ends the buttons. ``picture`` is what a QR code stands for that goes before the text, once. The text
    of a card with a ``file`` is its caption (1,024 characters at most); such a card is always a new message. With
    ``anew`` its thread's message and picture go away first, so that it stands below everything.
    """

    text: str
    rows: tuple[Row, ...] = ()
    thread: str | None = None
    expires_at: datetime | None = None
    picture: Picture | None = None
    protected: bool = False
    file: File | None = None
    anew: bool = False
    #: A button below the input field that shares the person's own contact; such a card has no other buttons.
    shares_contact: str | None = None
    #: Takes such a button away.
    ends_sharing: bool = False

    def digest(self) -> str:
        """Tells cards apart that look different or whose buttons do something else."""
        return hashlib.sha256(repr((self.text, self.rows, self.expires_at)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR picture of ``content`` with a short caption."""

    content: str
    caption: str

    def digest(self) -> str:
        """Tells pictures apart, and gives nothing of what they hold away."""
        return hashlib.sha256(repr((self.content, self.caption)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Picker:
    """A text, and the label of a key below the input field by which a person chooses one of Telegram's people."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """A document to keep, or a picture that the chat shows."""

    name: str
    content: bytes
    is_picture: bool = False
