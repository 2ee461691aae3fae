"""Show the caller's withdrawals that are under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.ledger import Message
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.present_receipt import present_receipt

PAGE_SIZE: Final = 5
_UNDER_WAY: Final = (PayoutState.REVIEW, PayoutState.QUEUED, PayoutState.BATCHED)


@dataclass(frozen=True, slots=True)
class WithdrawalsPage:
    """The receipts of a page, oldest first, and whether another page follows."""

    number: int
    receipts: list[Message]
    has_more: bool


@use_case(Access.ENROLLED)
async def show_withdrawals(ports: Ports, caller: Caller, page: int = 1) -> WithdrawalsPage:
    """Five at a time, without those of mass sends; ``page`` counts from 1, and a page beyond the last is empty."""
    number = max(1, page)
    found = await ports.store.find(
        Withdrawal,
        {"person": caller.person, "state": _UNDER_WAY, "mass_send": None},
        order_by=("created_at", "_id"),
        limit=PAGE_SIZE + 1,
        skip=(number - 1) * PAGE_SIZE,
    )
    receipts = [await present_receipt(ports, withdrawal) for withdrawal in found[:PAGE_SIZE]]
    return WithdrawalsPage(number, receipts, has_more=len(found) > PAGE_SIZE)
