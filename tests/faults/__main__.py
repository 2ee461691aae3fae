"""The long fault campaign: ``FAULTS_KILLS=N SEED=N python -m tests.faults [--part NAME] [--report FILE]``.

It kills at every failpoint of the source on every chain that has it, again in the recovery, and N times at random
moments; it kills MongoDB's primaries and nodes, cuts connections, sends storms of signals, pauses one of two workers,
and takes blocks out of the chains. The exit code is 1 if anything was lost, doubled or left open, or was not tried.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.faults.campaign import opened, plan
from tests.faults.report import Report
from tests.faults.trials import Trial

_KILLS = "600"


async def main(part: str, report: Path | None) -> int:
    """Plays the campaign and prints what came of it."""
    kills, seed = int(os.environ.get("FAULTS_KILLS", _KILLS)), int(os.environ.get("SEED", "1"))
    jobs = plan(part, kills, seed)
    folder, began = Path(tempfile.mkdtemp(prefix="faults-")), time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("worlds", total=len(jobs))

        def told(trial: Trial, kept: Path) -> None:
            progress.advance(task)
            if not trial.passed:
                progress.console.print(f"{trial}\nlogs and state files: {kept}", soft_wrap=True, markup=False)
            elif not progress.console.is_terminal:
                progress.console.print(f"passed: {trial.part}, {trial.name}, {trial.seconds:.0f} s", markup=False)

        async with opened(folder, told) as runner:
            await runner.run(jobs, int(os.environ.get("FAULTS_AT_ONCE", os.cpu_count() or 1)))
    called = f"FAULTS_KILLS={kills} SEED={seed} python -m tests.faults" + (f" --part '{part}'" if part else "")
    made = Report(runner.trials, called, time.monotonic() - began)
    made.write(report)
    if not made.failed:
        shutil.rmtree(folder, ignore_errors=True)
    return _print(made)


def _print(report: Report) -> int:
    console = Console()
    points = Table("failpoint", "kills on each chain that has it")
    for point, kills in report.kills_per_point().items():
        points.add_row(point, ", ".join(f"{asset} {count}" for asset, count in kills.items()))
    if any(trial.points for trial in report.trials):
        console.print(points)
    for part, counted in report.parts().items():
        console.print(f"{part}: " + ", ".join(f"{what} {count}" for what, count in counted.items()), soft_wrap=True)
    for what in (*report.not_tried, *report.left_out()):
        console.print(f"not tried: {what}", soft_wrap=True, markup=False)
    console.print(", ".join(f"{what} {figure}" for what, figure in report.totals().items()), soft_wrap=True)
    return 1 if report.failed or report.not_tried else 0


if __name__ == "__main__":
    # What a shell starts in the background ignores interrupts, and so would every worker until its handlers stand.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--part", default="", help="only parts whose name contains this")
    parser.add_argument("--report", type=Path, help="a page of Markdown to write; JSON goes beside it")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(main(chosen.part, chosen.report)))
