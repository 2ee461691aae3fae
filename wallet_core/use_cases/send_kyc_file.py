"""Send a picture or a file for one's application."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import Part, media_of
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import Sent, take_document


@use_case(Access.ENROLLED)
async def send_kyc_file(
    ports: Ports,
    caller: Caller,
    application_id: str,
    part: Part,
    content: bytes,
    *,
    message_id: int,
    is_picture: bool = False,
) -> KycApplication:
    """Takes a JPEG, PNG or PDF, told by its content. ``message_id``: the chat message, which is taken once.

    Raises ``AlreadyDone`` for a message that was taken, and ``Refused``: BAD_DOCUMENT, DOCUMENT_TOO_LARGE,
    TOO_MANY_DOCUMENTS, WRONG_STATE when something else is asked for, NOT_FOUND, NOT_YOURS.
    """
    if part is Part.CONTACT:
        raise Refused(Reason.BAD_DOCUMENT, part=part)
    media = media_of(content)
    sent = Sent(part, content, media, message_id, is_picture)
    return await take_document(ports, caller, application_id, sent)
