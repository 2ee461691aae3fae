"""Show one case with everything that an admin decides by."""

from __future__ import annotations

from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.case_row import CaseRow, case_row
from wallet_core.use_cases.cases import case_of
from wallet_core.use_cases.gate import use_case


@use_case(Access.SUPPORT)
async def show_case(ports: Ports, caller: Caller, case_id: str) -> CaseRow:
    """The case as it is now. Raises ``Refused(NOT_FOUND)``."""
    return await case_row(ports, await case_of(ports, case_id))
