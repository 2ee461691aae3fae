"""Tables of limits for tests: stored as two owners would, but without them, and beginning whenever a test says."""

from __future__ import annotations

from datetime import datetime, timedelta

from wallet_core.domain.kyc import BUILT_IN_LEVELS, LEVELS
from wallet_core.domain.ledger import Posting
from wallet_core.domain.level_table import LevelTable, Rows, StoreTable, edited, whole
from wallet_core.ports import Ports
from wallet_core.use_cases.level_drafts import newest_version
from wallet_core.use_cases.level_tables import table_key

OWNERS = (90, 91)


def rows_of(counts: dict[int, int], itd: int = 100_000) -> Rows:
    """The same count for every operation of a level, and so much ITD that only the count matters."""
    words = (f"{level} {operation} {count} {itd}" for level, count in counts.items() for operation in LEVELS[level])
    return changed_rows(*words)


def changed_rows(*changes: str) -> Rows:
    """The built-in table with these changes, as an owner types them."""
    rows = whole(BUILT_IN_LEVELS.versions[0])
    for change in changes:
        rows = edited(rows, change.split())
    return rows


def sealed(ports: Ports, number: int, rows: Rows, begins_at: datetime, at: datetime) -> LevelTable:
    """A table with its seal."""
    asked_by, approved_by = OWNERS
    table = LevelTable(id=number, rows=rows, begins_at=begins_at, by=asked_by, approved_by=approved_by, at=at)
    return table.model_copy(update={"mac": ports.vault.mac(table.terms())})


async def store_table(ports: Ports, rows: Rows, begins_in: timedelta | None = None) -> LevelTable:
    """Stores the next table; ``begins_in`` None: it counts already."""
    number, now = (await newest_version(ports)).number + 1, await ports.store.now()
    begins_at = now + begins_in if begins_in is not None else now - timedelta(seconds=1)
    table = sealed(ports, number, rows, begins_at.replace(microsecond=0), now)
    await ports.ledger.post(Posting(table_key(number), "level_table_stored", "test", changes=(StoreTable(table),)))
    return table
