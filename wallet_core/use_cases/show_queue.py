"""Show the payouts that are not settled yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 8
_OPEN: Final = (PayoutState.BATCHED, PayoutState.QUEUED, PayoutState.REVIEW)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of payouts, oldest first, as they were at ``now``, and whether another page follows."""

    number: int
    now: datetime
    payouts: list[Withdrawal]
    has_more: bool


@use_case(Access.SUPPORT)
async def show_queue(ports: Ports, caller: Caller, page: int = 1) -> QueuePage:
    """Eight at a time; ``page`` counts from 1, and a page beyond the last is empty."""
    number = max(1, page)
    # With the coin, the index on coin and state serves it.
    open_ones = {"asset": tuple(Asset), "state": _OPEN}
    skip = (number - 1) * PAGE_SIZE
    found = await ports.store.find(
        Withdrawal, open_ones, order_by=("created_at", "_id"), limit=PAGE_SIZE + 1, skip=skip
    )
    return QueuePage(number, await ports.store.now(), found[:PAGE_SIZE], has_more=len(found) > PAGE_SIZE)
