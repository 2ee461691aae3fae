"""Show the case of whose coins the person may say where they go."""

from __future__ import annotations

from wallet_core.domain.case import Case
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.refunds import refundable_case


@use_case(Access.ENROLLED)
async def show_refund(ports: Ports, caller: Caller, case_id: str) -> Case:
    """The case. Raises ``Refused`` NOT_FOUND, NOT_YOURS, or WRONG_STATE when no address is asked for."""
    return await refundable_case(ports, caller, case_id)
