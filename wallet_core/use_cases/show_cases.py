"""Show the cases that wait: for an admin's decision, or for what the person was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.case import UNDECIDED, Case, CaseState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.case_row import CaseRow, case_row
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 4


@dataclass(frozen=True, slots=True)
class CasesPage:
    """A page of cases, those that wait for an admin first, each of them oldest first, as they were at ``now``."""

    number: int
    now: datetime
    rows: list[CaseRow]
    has_more: bool


@use_case(Access.SUPPORT)
async def show_cases(ports: Ports, caller: Caller, page: int = 1) -> CasesPage:
    """Four at a time; ``page`` counts from 1, and a page beyond the last is empty."""
    number = max(1, page)
    where = {"state": (*UNDECIDED, CaseState.PAYING)}
    # "open" stands before "paying" and "waiting" in the alphabet as well.
    order = ("state", "opened_at", "_id")
    found = await ports.store.find(Case, where, order_by=order, limit=PAGE_SIZE + 1, skip=(number - 1) * PAGE_SIZE)
    rows = [await case_row(ports, case) for case in found[:PAGE_SIZE]]
    return CasesPage(number, await ports.store.now(), rows, has_more=len(found) > PAGE_SIZE)
