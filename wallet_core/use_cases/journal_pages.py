"""Pages of the journal, by place: each reads its own records and no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wallet_core.domain.journal import JournalRecord
from wallet_core.ports import After, Before, Store, Where

PAGE_SIZE: Final = 8
#: More records of one person than ever have the same place: those of as many processes in one millisecond.
_MOST_IN_A_PLACE: Final = 1_000


class Towards(StrEnum):
    """Which way a page is turned."""

    OLDER = "older"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One page, the newest first. ``newer`` and ``older`` are the places to go on from, None at either end."""

    records: list[JournalRecord]
    newer: int | None
    older: int | None


async def journal_page(store: Store, where: Where, towards: Towards, place: int | None) -> JournalPage:
    """The eight records that follow on a place, which a page named; without one, the newest or (NEWER) the oldest.

    Records with the same place are never parted, so that a page can be longer.
    """
    is_older, came = towards is Towards.OLDER, place is not None
    records, more = await _follow(store, where, place, is_older)
    page = sorted(records, key=lambda record: (-record.place, record.id))
    return JournalPage(
        page,
        newer=page[0].place if page and (came if is_older else more) else None,
        older=page[-1].place if page and (more if is_older else came) else None,
    )


async def _follow(
    store: Store, where: Where, place: int | None, is_older: bool
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
