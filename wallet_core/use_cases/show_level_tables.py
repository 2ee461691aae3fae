"""Show the tables of limits that were ever approved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.level_table import LevelTable
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

_PAGE: Final = 8


@dataclass(frozen=True, slots=True)
class LevelTablesPage:
    """Some of the tables, newest first."""

    tables: tuple[LevelTable, ...]
    number: int
    has_more: bool


@use_case(Access.FINANCE)
async def show_level_tables(ports: Ports, caller: Caller, page: int) -> LevelTablesPage:
    """A page of the tables, the newest first."""
    found = await ports.store.find(LevelTable, {}, order_by=("-_id",), limit=_PAGE + 1, skip=(page - 1) * _PAGE)
    return LevelTablesPage(tuple(found[:_PAGE]), page, len(found) > _PAGE)
