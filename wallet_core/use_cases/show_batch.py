"""Show one batch: its attempts, and its payouts page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.payout import Attempt, Batch, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 8
#: The newest ones; raises stop at a cap long before.
_MOST_ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with its newest attempts, newest first, and a page of its payouts, as they were at ``now``."""

    batch: Batch
    attempts: list[Attempt]
    number: int
    payouts: list[Withdrawal]
    has_more: bool
    now: datetime
    #: The newest block that the worker has seen.
    seen_height: int


@use_case(Access.SUPPORT)
async def show_batch(ports: Ports, caller: Caller, batch_id: str, page: int = 1) -> BatchView:
    """``page`` counts from 1, and a page beyond the last is empty. Raises ``Refused(NOT_FOUND)``."""
    batch = await ports.store.get(Batch, batch_id)
    if batch is None:
        raise Refused(Reason.NOT_FOUND, what="batch")
    number = max(1, page)
    ids = batch.payouts[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    rail = await ports.store.get(Rail, batch.asset)
    of_batch = {"batch": batch.id}
    return BatchView(
        batch=batch,
        attempts=await ports.store.find(Attempt, of_batch, order_by=("-number",), limit=_MOST_ATTEMPTS),
        number=number,
        payouts=await ports.store.find(Withdrawal, {"_id": ids}, limit=PAGE_SIZE) if ids else [],
        has_more=len(batch.payouts) > number * PAGE_SIZE,
        now=await ports.store.now(),
        seen_height=rail.seen_height if rail else -1,
    )
