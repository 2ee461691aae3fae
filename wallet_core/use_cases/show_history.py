"""Show what happened with a person's money and account, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from wallet_core.domain.accounts import Side, available, held
from wallet_core.domain.history import Filter, Topic, kinds_of
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.statement import change_minor
from wallet_core.ports import After, Before, Ports, Store
from wallet_core.use_cases.books import moved
from wallet_core.use_cases.gate import use_case

PAGE_SIZE: Final = 8
#: More records of one person than ever have the same place: those of as many processes in one millisecond.
_MOST_IN_A_PLACE: Final = 1_000


class Towards(StrEnum):
    """Which way a page is turned."""

    OLDER = "older"
    NEWER = "newer"


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

    It reads these records and no other. Records with the same place are never parted, so that a page can be longer.
    """
    where, is_older = _where(caller.person, shown), towards is Towards.OLDER
    records, more = await _follow(ports.store, where, place, is_older)
    came = place is not None
    page = sorted(records, key=lambda record: (-record.place, record.id))
    return HistoryPage(
        [row_of(record, caller.person) for record in page],
        shown,
        newer=page[0].place if page and (came if is_older else more) else None,
        older=page[-1].place if page and (more if is_older else came) else None,
    )


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


async def _follow(
    store: Store, where: dict[str, Any], place: int | None, is_older: bool
) -> tuple[Sequence[JournalRecord], bool]:
    """The records that follow, and whether there are more behind them."""
    beyond, order = (Before, "-place") if is_older else (After, "place")
    begun = where if place is None else {**where, "place": beyond(place)}
    found = await store.find(JournalRecord, begun, order_by=(order,), limit=PAGE_SIZE + 1)
    page, rest = found[:PAGE_SIZE], found[PAGE_SIZE:]
    if not rest or rest[0].place != page[-1].place:
        return page, bool(rest)
    edge = page[-1].place
    tied = await store.find(JournalRecord, {**where, "place": edge}, limit=_MOST_IN_A_PLACE)
    rest = await store.find(JournalRecord, {**where, "place": beyond(edge)}, order_by=(order,), limit=1)
    return [*(record for record in page if record.place != edge), *tied], bool(rest)
