"""Show one of the caller's payment requests."""

from __future__ import annotations

from wallet_core.domain.payment_request import PaymentRequest
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.requests import own_request


@use_case(Access.ENROLLED)
async def show_request(ports: Ports, caller: Caller, request_id: str) -> PaymentRequest:
    """As it is now. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    return await own_request(ports, caller, request_id)
