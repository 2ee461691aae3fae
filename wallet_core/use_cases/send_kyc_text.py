"""Write what a part of one's application asks, where no file is needed: where the money comes from."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import Media, Part, check_text
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import Sent, take_document


@use_case(Access.ENROLLED)
async def send_kyc_text(
    ports: Ports, caller: Caller, application_id: str, part: Part, text: str, *, message_id: int
) -> KycApplication:
    """Sealed like a file. Raises as ``send_kyc_file``; BAD_DOCUMENT where a text answers nothing, or is too long."""
    if part is Part.CONTACT:
        # A number that was typed is nobody's; Telegram vouches for one that is shared.
        raise Refused(Reason.BAD_DOCUMENT, part=part)
    sent = Sent(part, check_text(part, text), Media.TEXT, message_id)
    return await take_document(ports, caller, application_id, sent)
