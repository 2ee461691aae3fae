"""Show what a person may still do today, and what the next levels would allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.kyc import LevelVersion, Limit, Operation, Used, used
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.limits import limits_today


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One operation: used today, allowed a day, and allowed at the next level. Amounts in ITD minor units."""

    operation: Operation
    used: Used
    limit: Limit
    next_level: Limit | None


@dataclass(frozen=True, slots=True)
class LimitSheet:
    """All operations at the person's level, and when the counters start anew.

    ``higher`` are the levels above it; ``next_table`` is another table that counts from its ``begins_at`` on.
    """

    level: int
    rows: tuple[LimitRow, ...]
    frees_at: datetime
    higher: Mapping[int, Mapping[Operation, Limit]]
    next_table: LevelVersion | None = None


@use_case(Access.ENROLLED)
async def show_limits(ports: Ports, caller: Caller) -> LimitSheet:
    """Today's limits by database time. Raises ``Refused(LEVELS_UNSOUND)``."""
    guards, today = await admit(ports, caller, Access.ENROLLED), await limits_today(ports)
    levels, day = today.version.levels, today.when.day
    above = levels.get(guards.level + 1)
    rows = (
        LimitRow(each, used(guards, each, day), today.limit(guards, each), above[each] if above else None)
        for each in Operation
    )
    higher = {level: limits for level, limits in levels.items() if level > guards.level}
    last = today.known.versions[-1]
    return LimitSheet(guards.level, tuple(rows), today.when.ends_at, higher, None if last == today.version else last)
