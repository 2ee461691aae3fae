"""Show the batches that the worker still has to do something about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.money import Asset
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Attempt, Batch
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 8


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with its newest attempt, and how many attempts it has."""

    batch: Batch
    newest: Attempt | None
    attempts: int


@dataclass(frozen=True, slots=True)
class BatchesPage:
    """A page of batches in flight, and whether another one follows."""

    number: int
    rows: list[BatchRow]
    has_more: bool


@use_case(Access.SUPPORT)
async def show_batches(ports: Ports, caller: Caller, page: int = 1) -> BatchesPage:
    """Eight at a time, oldest first; ``page`` counts from 1, and a page beyond the last is empty."""
    number = max(1, page)
    # With the coin, the index on coin and state serves it.
    in_flight = {"asset": tuple(Asset), "state": BATCHES_IN_FLIGHT}
    skip = (number - 1) * PAGE_SIZE
    found = await ports.store.find(Batch, in_flight, order_by=("created_at", "_id"), limit=PAGE_SIZE + 1, skip=skip)
    rows = [await _row(ports, batch) for batch in found[:PAGE_SIZE]]
    return BatchesPage(number, rows, has_more=len(found) > PAGE_SIZE)


async def _row(ports: Ports, batch: Batch) -> BatchRow:
    newest = await ports.store.find(Attempt, {"batch": batch.id}, order_by=("-number",), limit=1)
    attempts = await ports.store.count(Attempt, {"batch": batch.id})
    return BatchRow(batch, newest[0] if newest else None, attempts)
