"""``make bench``: measures, prints a table or JSON, and draws a picture; see ``docs/performance.md``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import structlog
from rich.console import Console

from bot.sandbox.leash import leashed
from tests.benchmarks import report
from tests.benchmarks.bench import Bench, Say
from tests.benchmarks.growth import growth
from tests.benchmarks.mass_file import mass_file
from tests.benchmarks.movements import lone, movements
from tests.benchmarks.paying import paying
from tests.benchmarks.peer import medici
from tests.benchmarks.picture import svg
from tests.benchmarks.plan import FULL, QUICK, Plan
from tests.benchmarks.post_many import post_many
from tests.benchmarks.processes import processes
from tests.benchmarks.results import Row
from tests.benchmarks.starting import starting
from tests.benchmarks.watching import watching
from wallet_core.adapters.mongo.embedded import EmbeddedMongo

BENCHMARKS: Final[dict[str, Callable[[Bench], Awaitable[list[Row]]]]] = {
    benchmark.__name__: benchmark
    for benchmark in (movements, lone, processes, medici, post_many, growth, watching, paying, starting, mass_file)
}
#: A small one would make the server wait for its oplog instead of for us.
_OPLOG_MB: Final = 512


async def run(names: Sequence[str], plan: Plan, say: Say) -> list[Row]:
    """The benchmarks of these names, one after the other, on one server of their own."""
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedMongo(Path(folder), wrapper=leashed([]), oplog_mb=_OPLOG_MB) as mongo:
            bench = Bench(mongo.uri, plan, say)
            return [row for name in names for row in await BENCHMARKS[name](bench)]


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(BENCHMARKS)}; all without one")
    parser.add_argument("--quick", action="store_true", help="small sizes: the figures mean nothing")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write JSON into a file as well")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw an SVG")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the table between the page's marks")
    parser.add_argument("--place", default="figures", help="the name of those marks (default: %(default)s)")
    arguments = parser.parse_args(given)
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return arguments


def main(given: Sequence[str] | None = None) -> None:
    """Runs what was asked for; progress goes to standard error."""
    arguments = _arguments(given)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    started, progress = time.monotonic(), Console(stderr=True, highlight=False)

    def say(words: str) -> None:
        progress.print(f"[dim]{time.monotonic() - started:6.0f} s[/] {words}")

    plan = QUICK if arguments.quick else FULL
    rows = asyncio.run(run(arguments.names or list(BENCHMARKS), plan, say))
    text = json.dumps(report.document(rows, arguments.quick), indent=1)
    if arguments.json:
        sys.stdout.write(text + "\n")
    else:
        Console(width=None if sys.stdout.isatty() else 200).print(report.table(rows, arguments.quick))
    if arguments.out:
        arguments.out.write_text(text + "\n")
    if arguments.picture:
        arguments.picture.write_text(svg(rows))
    if arguments.page:
        report.write_into(arguments.page, rows, arguments.place)


if __name__ == "__main__":
    main()
