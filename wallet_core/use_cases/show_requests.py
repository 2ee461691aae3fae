"""Show the caller's payment requests."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.payment_request import PaymentRequest
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE: Final = 8


@use_case(Access.ENROLLED)
async def show_requests(ports: Ports, caller: Caller, page: int = 1) -> tuple[list[PaymentRequest], bool]:
    """A page of eight, newest first, and whether there are older ones."""
    where, skip = {"person": caller.person}, (max(1, page) - 1) * PAGE
    found = await ports.store.find(PaymentRequest, where, order_by=("-created_at", "_id"), limit=PAGE + 1, skip=skip)
    return found[:PAGE], len(found) > PAGE
