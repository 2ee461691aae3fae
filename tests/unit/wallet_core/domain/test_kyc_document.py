"""What a document may be: told by its content, bounded, and a contact only one's own."""

import pytest

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc_document import (
    MAX_DOCUMENT_BYTES,
    MAX_TEXT_CHARACTERS,
    Media,
    Part,
    check_own_contact,
    check_text,
    media_of,
)


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b"\xff\xd8\xff\xe0JFIF", Media.JPEG),
        (b"\x89PNG\r\n\x1a\n....", Media.PNG),
        (b"%PDF-1.4\n", Media.PDF),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, media: Media) -> None:
    assert media_of(content) is media


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"PK\x03\x04", b"<html>", b"\xff\xd8", b"MZ\x90", b" %PDF-1.4", b"\x7fELF", b"\x89PNG"]
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        media_of(content)
    assert refused.value.reason is Reason.BAD_DOCUMENT


def test_a_file_has_a_limit_and_what_is_at_it_is_taken() -> None:
    assert media_of(b"%PDF-".ljust(MAX_DOCUMENT_BYTES, b"x")) is Media.PDF
    with pytest.raises(Refused) as refused:
        media_of(b"%PDF-".ljust(MAX_DOCUMENT_BYTES + 1, b"x"))
    assert refused.value.reason is Reason.DOCUMENT_TOO_LARGE


def test_a_text_answers_only_where_one_is_asked_for() -> None:
    assert check_text(Part.FUNDS, "  wages  ") == b"wages"
    assert len(check_text(Part.FUNDS, "x" * MAX_TEXT_CHARACTERS)) == MAX_TEXT_CHARACTERS
    for part, text in ((Part.IDENTITY, "me"), (Part.FUNDS, " "), (Part.FUNDS, "x" * (MAX_TEXT_CHARACTERS + 1))):
        with pytest.raises(Refused) as refused:
            check_text(part, text)
        assert refused.value.reason is Reason.BAD_DOCUMENT


@pytest.mark.parametrize("contact", [None, 2, 0])
def test_only_the_own_contact_is_taken(contact: int | None) -> None:
    check_own_contact(1, 1)
    with pytest.raises(Refused) as refused:
        check_own_contact(1, contact)
    assert refused.value.reason is Reason.FOREIGN_CONTACT
