"""Send other documents for a part of one's application than those that were sent."""

from __future__ import annotations

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import Part
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import change_own


@use_case(Access.ENROLLED)
async def begin_part_anew(ports: Ports, caller: Caller, application_id: str, part: Part) -> KycApplication:
    """What was sent for it answers nothing any more. Raises ``Refused(WRONG_STATE)`` once it was handed in."""
    return await change_own(
        ports, caller, application_id, "kyc_part_begun_anew", lambda found: found.begun_anew(part), part=part
    )
