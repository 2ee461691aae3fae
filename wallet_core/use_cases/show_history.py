"""Show what happened with a person's money and account, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from wallet_core.domain.accounts import Side, available, held
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 8


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line: when, what, and by how much the person's spendable money changed (else their held money). ITD minor."""

    at: datetime
    kind: str
    amount_minor: int
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page; ``page`` counts from 1."""

    rows: list[HistoryRow]
    page: int
    pages: int


@use_case(Access.ENROLLED)
async def show_history(ports: Ports, caller: Caller, page: int = 1) -> HistoryPage:
    """A page of eight; a page beyond the last is the last."""
    of_person = {"people": caller.person}
    pages = max(1, -(-await ports.store.count(JournalRecord, of_person) // PAGE_SIZE))
    page = min(max(1, page), pages)
    records = await ports.store.find(
        JournalRecord, of_person, order_by=("-place",), limit=PAGE_SIZE, skip=(page - 1) * PAGE_SIZE
    )
    return HistoryPage([_row(record, caller.person) for record in records], page, pages)


def _row(record: JournalRecord, person: int) -> HistoryRow:
    spendable = _change(record, available(person).id)
    return HistoryRow(record.at, record.kind, spendable or _change(record, held(person).id), record.facts)


def _change(record: JournalRecord, account: str) -> int:
    signs = {Side.CREDIT: 1, Side.DEBIT: -1}
    return sum(signs[entry.side] * entry.amount_minor for entry in record.entries if entry.account == account)
