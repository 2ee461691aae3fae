"""The campaign on the card rail: ``FAULTS_KILLS=N SEED=N python -m tests.faults.cards [--part NAME] [--report FILE]``.

It kills the worker at every failpoint of the card rail, and the bot at every point of a webhook's handling, then both N
times at random moments, while people pay, are refunded and dispute, answers of the card company are lost, and webhooks
come three times each in any order. The exit code is 1 if anything was lost, doubled or left open, or was not tried.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.sandbox.leash import leashed
from tests.faults.cards.campaign import Job, Runner, plan
from tests.faults.cards.report import Report
from tests.faults.cards.world import Forks
from tests.faults.trials import Trial
from wallet_core.adapters.mongo.embedded import EmbeddedMongo

_KILLS = "600"


async def main(part: str, report: Path | None) -> int:
    """Plays the campaign and prints what came of it."""
    # What the core says of each refusal would drown the progress.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    kills, seed = int(os.environ.get("FAULTS_KILLS", _KILLS)), int(os.environ.get("SEED", "1"))
    folder, began = Path(tempfile.mkdtemp(prefix="card-faults-")), time.monotonic()
    trials = await _played(folder, plan(part, kills, seed))
    called = f"FAULTS_KILLS={kills} SEED={seed} python -m tests.faults.cards" + (f" --part '{part}'" if part else "")
    made = Report(trials, called, time.monotonic() - began)
    made.write(report)
    if not made.failed:
        shutil.rmtree(folder, ignore_errors=True)
    return _print(made)


async def _played(folder: Path, jobs: list[Job]) -> list[Trial]:
    forks, columns = Forks(), (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns) as progress:
            task = progress.add_task("wallets", total=len(jobs))

            def told(trial: Trial, kept: Path) -> None:
                progress.advance(task)
                words = f"passed: {trial.part}, {trial.name}, {trial.kills} kills, {trial.seconds:.0f} s"
                failed = f"{trial}\nlogs and state files: {kept}"
                progress.console.print(words if trial.passed else failed, soft_wrap=True, markup=False)

            async with EmbeddedMongo(folder / "mongod", wrapper=leashed([]), oplog_mb=64) as mongo:
                runner = Runner(folder, mongo.uri, forks, told)
                await runner.run(jobs, int(os.environ.get("FAULTS_AT_ONCE", os.cpu_count() or 1)))
                return runner.trials
    finally:
        forks.close()


def _print(report: Report) -> int:
    console = Console()
    console.print(", ".join(f"{point} {kills}" for point, kills in report.kills_per_point().items()), soft_wrap=True)
    for what in report.not_tried:
        console.print(f"not tried: {what}", soft_wrap=True, markup=False)
    console.print(", ".join(f"{what} {figure}" for what, figure in report.totals().items()), soft_wrap=True)
    return 1 if report.failed or report.not_tried else 0


if __name__ == "__main__":
    # What a shell starts in the background ignores interrupts, and so would every process until its handlers stand.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.faults.cards", description=__doc__)
    parser.add_argument("--part", default="", help="only parts whose name contains this")
    parser.add_argument("--report", type=Path, help="a page of Markdown to write; JSON goes beside it")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(main(chosen.part, chosen.report)))
