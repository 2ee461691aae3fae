"""``make bench``: prints a table, and JSON with ``--json``."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import ledger
from wallet_core.adapters.mongo.embedded import EmbeddedMongo


async def _run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedMongo(Path(folder), oplog_mb=512) as mongo:
            return await ledger.run(mongo.uri, "bench")


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("what", "ratio", "spread", "grouped/s", "p50/p99 ms", "naive/s", "p50/p99 ms")
    names = ("ratio", "spread", "grouped_a_second", "grouped_p50_p99_ms", "naive_a_second", "naive_p50_p99_ms")
    for row in rows:
        table.add_row(row["what"], *(str(row.get(name, "")) for name in names))
    return table


def main() -> None:
    """Runs the benchmarks and prints what they measured."""
    rows = asyncio.run(_run())
    if "--json" in sys.argv:
        Console(soft_wrap=True).print_json(json.dumps(rows))
    else:
        Console(width=140).print(_table(rows))


main()
