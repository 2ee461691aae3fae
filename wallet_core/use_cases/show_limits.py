"""Show what a person may still do today, and what the next level would allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.kyc import LEVELS, Limit, Operation, Used, used
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.limits import today


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One operation: used today, allowed a day, and allowed at the next level. Amounts in ITD minor units."""

    operation: Operation
    used: Used
    limit: Limit
    next_level: Limit | None


@dataclass(frozen=True, slots=True)
class LimitSheet:
    """All operations at the person's level, and when the counters start anew."""

    level: int
    rows: tuple[LimitRow, ...]
    frees_at: datetime


@use_case(Access.ENROLLED)
async def show_limits(ports: Ports, caller: Caller) -> LimitSheet:
    """Today's limits by database time."""
    guards, when = await admit(ports, caller, Access.ENROLLED), await today(ports)
    limits, higher = LEVELS[guards.level], LEVELS.get(guards.level + 1)
    rows = (LimitRow(op, used(guards, op, when.day), limits[op], higher[op] if higher else None) for op in Operation)
    return LimitSheet(guards.level, tuple(rows), when.ends_at)
