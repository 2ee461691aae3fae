"""Say that everything was sent that answers a part of one's application."""

from __future__ import annotations

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import Part
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import change_own


@use_case(Access.ENROLLED)
async def finish_part(ports: Ports, caller: Caller, application_id: str, part: Part) -> KycApplication:
    """The next part is asked for. Raises ``Refused`` KYC_MISSING when nothing was sent, WRONG_STATE, NOT_YOURS."""
    return await change_own(
        ports, caller, application_id, "kyc_part_finished", lambda found: found.finished(part), part=part
    )
