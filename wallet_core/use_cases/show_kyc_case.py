"""Show a reviewer one application, without any document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import latest_of, name_of, reviewed_by


@dataclass(frozen=True, slots=True)
class KycCase:
    """An application with whose it is and who has it, as it was at ``now``, for the reviewer ``reviewer``."""

    application: KycApplication
    name: str
    now: datetime
    reviewer: int
    holder_name: str | None


@use_case(Access.FINANCE)
async def show_kyc_case(ports: Ports, caller: Caller, application_id: str) -> KycCase:
    """As it is now; a person's id stands for their newest. Raises ``Refused`` NOT_FOUND, NOT_ALLOWED for one's own."""
    newest = await latest_of(ports, int(application_id)) if application_id.isdecimal() else None
    application = await reviewed_by(ports, caller, newest.id if newest else application_id)
    holder = await name_of(ports, application.reviewer) if application.reviewer is not None else None
    name = await name_of(ports, application.person)
    return KycCase(application, name, await ports.store.now(), caller.person, holder)
