"""The results as a table for a terminal, as JSON, and as a table in a page of the documentation."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from tests.benchmarks.results import Row

_COLUMNS: Final = ("what", "compared with", "ratio", "spread", "reach", "met", "ours", "theirs")
_MET: Final = {True: "yes", False: "no", None: ""}


def machine() -> dict[str, Any]:
    """What the figures depend on, in general words."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory_bytes / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def document(rows: Sequence[Row], quick: bool) -> dict[str, Any]:
    """Everything, for JSON."""
    return {"machine": machine(), "quick": quick, "rows": [row.document() for row in rows]}


def table(rows: Sequence[Row], quick: bool) -> Table:
    """For a terminal."""
    title = "a quick run: the figures mean nothing" if quick else "ratios, the median of interleaved rounds"
    shown = Table(*_COLUMNS, title=title)
    for row in rows:
        shown.add_row(*cells(row))
    return shown


def cells(row: Row) -> list[str]:
    """A row in words, in the order of the columns."""
    if not row.ratios:
        return [row.what, row.compared_with, row.note, *[""] * 5]
    low, high = row.spread
    reach = str(row.reach) if row.reach else ""
    spread = f"{_number(low)} to {_number(high)}"
    said = (_figures(row.ours), _figures(row.theirs))
    return [row.what, row.compared_with, _number(row.ratio), spread, reach, _MET[row.is_met], *said]


def write_into(page: Path, rows: Sequence[Row], place: str = "figures") -> None:
    """Replaces what the page has between the marks of a place. Raises ``ValueError`` when it has none."""
    begin = f"<!-- {place} -->"
    before, _, rest = page.read_text().partition(begin)
    _, mark, after = rest.partition(f"<!-- /{place} -->")
    if not mark:
        raise ValueError(f"{page} has no place for {place}")
    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *(cells(row) for row in rows)]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    page.write_text(f"{before}{begin}\n{text}\n{mark}{after}")


def _figures(figures: Mapping[str, float]) -> str:
    return ", ".join(_SAID[name](value) for name, value in figures.items())


def _number(value: float) -> str:
    """Three digits, or all of a whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


_SAID: Final[dict[str, Callable[[float], str]]] = {
    "a_second": lambda value: f"{_number(value)}/s",
    "p50_ms": lambda value: f"p50 {_number(value)} ms",
    "p99_ms": lambda value: f"p99 {_number(value)} ms",
    "seconds": lambda value: f"{_number(value)} s" if value >= 1 else f"{_number(1_000 * value)} ms",
    "failed": lambda value: f"{_number(value)} failed",
    "mebibytes": lambda value: f"{_number(value)} MiB",
    "payouts": lambda value: f"{_number(value)} payouts",
    "vbytes_each": lambda value: f"{_number(value)} vB each",
    "gas_each": lambda value: f"{_number(value)} gas each",
    "cpu_ms_each": lambda value: f"{_number(value)} ms of CPU each",
    "us_each": lambda value: f"{_number(value)} µs each",
    "kibibytes": lambda value: f"{_number(value)} KiB",
    "longest_stall_ms": lambda value: f"no turn for {_number(value)} ms at most",
    "rpc_calls": lambda value: f"{_number(value)} RPC calls",
    "database_calls": lambda value: f"{_number(value)} database calls",
}
