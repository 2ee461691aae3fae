"""What a person sends to prove something: what it may be, told by its content and never by its name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.record import Record

#: The most that one document may have; Telegram gives a bot 20 MB at most (Bot API, getFile).
MAX_DOCUMENT_BYTES: Final = 10_000_000
#: The most that may be written where a text answers.
MAX_TEXT_CHARACTERS: Final = 2_000


class Part(StrEnum):
    """What an application is made of; each is answered by one document or several."""

    #: The person's own telephone number, as Telegram vouches for it.
    CONTACT = "contact"
    IDENTITY = "identity"
    SELFIE = "selfie"
    ADDRESS = "address"
    #: Where the money comes from: a text, files, or both.
    FUNDS = "funds"


#: Parts that one document answers; of the others there may be several, such as both sides of a card.
SINGLE: Final = frozenset({Part.CONTACT, Part.SELFIE})
#: Parts that a text may answer.
WRITTEN: Final = frozenset({Part.CONTACT, Part.FUNDS})
MAX_PER_PART: Final = 4


class Media(StrEnum):
    """What a document is, by its media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    TEXT = "text/plain"


#: How each kind of file begins: ISO/IEC 10918-1 (SOI and a marker), ISO/IEC 15948, ISO 32000-1 section 7.5.2.
_BEGINNINGS: Final = {Media.JPEG: b"\xff\xd8\xff", Media.PNG: b"\x89PNG\r\n\x1a\n", Media.PDF: b"%PDF-"}


class KycDocument(BaseModel):
    """What is known of one sealed document; its content is in ``ports.Documents`` under ``id``."""

    model_config = ConfigDict(frozen=True)

    id: str
    part: Part
    media: Media
    #: Sent as a picture, so that it can be shown as one.
    is_picture: bool = False
    size_bytes: int
    #: SHA-256 of what is stored, which is sealed: it tells nothing of the content.
    digest: str
    #: The chat message that brought it: the same message is taken once.
    message_id: int
    sent_at: datetime
    #: The person began the part anew, or was asked to: it answers nothing any more.
    superseded: bool = False


class LooseFile(Record):
    """A file that may be nobody's: noted before it is stored, and before the application that has it gives it up.

    So whatever a kill leaves, in part or whole, is found and removed, and nothing else has to be looked through.
    """

    collection: ClassVar[str] = "kyc_loose_files"
    # It decides nothing: a file that an application has stays, whatever stands here.
    ledgered: ClassVar[bool] = False

    #: The document's id.
    id: str
    #: Nobody touches it before then: it may be on its way.
    until: datetime


def media_of(content: bytes) -> Media:
    """What a file is. Raises ``Refused`` BAD_DOCUMENT for what is no JPEG, PNG or PDF, or DOCUMENT_TOO_LARGE."""
    check_size(len(content))
    for media, beginning in _BEGINNINGS.items():
        if content.startswith(beginning):
            return media
    raise Refused(Reason.BAD_DOCUMENT)


def check_size(size_bytes: int) -> None:
    """Raises ``Refused(DOCUMENT_TOO_LARGE)``."""
    if size_bytes > MAX_DOCUMENT_BYTES:
        raise Refused(Reason.DOCUMENT_TOO_LARGE, limit_bytes=MAX_DOCUMENT_BYTES)


def check_text(part: Part, text: str) -> bytes:
    """What was written, as it is kept. Raises ``Refused(BAD_DOCUMENT)`` where a file is wanted, or it is too long."""
    written = text.strip()
    if part not in WRITTEN or not 0 < len(written) <= MAX_TEXT_CHARACTERS:
        raise Refused(Reason.BAD_DOCUMENT, part=part)
    return written.encode()


def check_own_contact(person: int, contact: int | None) -> None:
    """Raises ``Refused(FOREIGN_CONTACT)`` for a contact that is not the person's own.

    Telegram itself fills in the owner of a number (Bot API, Contact.user_id), so nobody shares a number as their own
    that belongs to somebody else.
    """
    if contact != person:
        raise Refused(Reason.FOREIGN_CONTACT)
