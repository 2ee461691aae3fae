"""Share one's own telephone number for one's application."""

from __future__ import annotations

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import Media, Part, check_own_contact, check_text
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import Sent, take_document


@use_case(Access.ENROLLED)
async def share_contact(
    ports: Ports, caller: Caller, application_id: str, owner: int | None, *, telephone: str, message_id: int
) -> KycApplication:
    """Takes the contact that the person shared; sealed like a file. ``owner``: whose it is, as Telegram tells.

    Raises ``Refused(FOREIGN_CONTACT)`` for anybody else's, and what ``send_kyc_file`` raises.
    """
    check_own_contact(caller.person, owner)
    sent = Sent(Part.CONTACT, check_text(Part.CONTACT, telephone), Media.TEXT, message_id)
    return await take_document(ports, caller, application_id, sent)
