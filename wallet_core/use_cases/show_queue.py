"""Show the payouts that are not settled yet."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 8
_OPEN: Final = (PayoutState.BATCHED, PayoutState.QUEUED, PayoutState.REVIEW)


@use_case(Access.SUPPORT)
async def show_queue(ports: Ports, caller: Caller, page: int = 1) -> list[Withdrawal]:
    """A page of eight, oldest first; ``page`` counts from 1, and a page beyond the last is empty."""
    skip = (max(1, page) - 1) * PAGE_SIZE
    return await ports.store.find(
        Withdrawal, {"state": _OPEN}, order_by=("created_at", "_id"), limit=PAGE_SIZE, skip=skip
    )
