"""Show what happened with a person's money and account, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wallet_core.domain.accounts import Side, available, held
from wallet_core.domain.history import Filter, Topic, kinds_of
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.statement import change_minor
from wallet_core.ports import Ports
from wallet_core.use_cases.books import moved
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.journal_pages import Towards, journal_page


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One record: its key, when, what, and by how much it changed the person's accounts, in ITD minor units."""

    key: str
    at: datetime
    kind: str
    available_minor: int
    held_minor: int
    facts: dict[str, Any]

    @property
    def amount_minor(self) -> int:
        """The change of what may be spent; of what is held where that alone changed."""
        return self.available_minor or self.held_minor


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page, the newest first. ``newer`` and ``older`` are the places to go on from, None at either end."""

    rows: list[HistoryRow]
    shown: Filter
    newer: int | None
    older: int | None


@use_case(Access.ENROLLED)
async def show_history(
    ports: Ports,
    caller: Caller,
    shown: Filter = Filter.ALL,
    towards: Towards = Towards.OLDER,
    place: int | None = None,
) -> HistoryPage:
    """The eight records that follow on a place, which a page named; without one, the newest or (NEWER) the oldest.

    It reads these records and no other; see ``journal_page``.
    """
    return await history_page(ports, caller.person, shown, towards, place)


async def history_page(ports: Ports, person: int, shown: Filter, towards: Towards, place: int | None) -> HistoryPage:
    """A page of anybody's history, for those who may see it."""
    page = await journal_page(ports.store, _where(person, shown), towards, place)
    rows = [row_of(record, person) for record in page.records]
    return HistoryPage(rows, shown, newer=page.newer, older=page.older)


def row_of(record: JournalRecord, person: int) -> HistoryRow:
    """A record as this person sees it."""
    return HistoryRow(
        record.id,
        record.at,
        record.kind,
        available_minor=change_minor(record, available(person)),
        held_minor=change_minor(record, held(person)),
        facts=record.facts,
    )


def _where(person: int, shown: Filter) -> dict[str, Any]:
    match shown:
        case Filter.ALL:
            return {"people": person}
        case Filter.IN:
            return {"entries": moved(available(person), sides=(Side.CREDIT,))}
        case Filter.OUT:
            return {"entries": moved(available(person), sides=(Side.DEBIT,))}
    return {"people": person, "kind": kinds_of(Topic(shown))}
