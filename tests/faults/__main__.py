"""The long fault campaign: ``FAULTS_KILLS=N SEED=N python -m tests.faults [part of a point's name]``.

First a kill at every failpoint of the source, and again in the recovery; then kills at random moments until there were
N in all. One world in ten starts each worker as ``python -m payout_worker``, the others fork theirs. The exit code is 1
if anything was lost, doubled or left open, or if a failpoint was never reached.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.sandbox.anvil import AnvilOptions, AnvilRpc, command_line
from bot.sandbox.components import COMPONENTS, ensure
from bot.sandbox.leash import leashed
from payout_worker.failpoints import declared
from tests.faults.fork_server import ForkServer
from tests.faults.trials import Trial, kill_at, kill_at_random
from tests.faults.world import World, open_world
from wallet_core.adapters.mongo.embedded import EmbeddedMongo, end_process, free_port

KILLS_PER_WORLD = 20
#: One world in so many starts its workers as operators do.
UNFORKED = 10

Play = Callable[[World], Awaitable[Trial]]


class Campaign:
    """Plays trials one after the other, each in a world of its own."""

    def __init__(self, mongo_uri: str, folder: Path, forks: ForkServer, progress: Progress) -> None:
        self._mongo_uri = mongo_uri
        self._folder = folder
        self._forks = forks
        self._progress = progress
        self.trials: list[Trial] = []

    async def points(self, part: str) -> None:
        """A trial for every failpoint whose name has this part."""
        points = [point for point in declared() if part in point]
        task = self._progress.add_task("failpoints", total=len(points))
        for point in points:
            await self._play(lambda world, point=point: kill_at(world, point))  # type: ignore[misc]
            self._progress.advance(task)

    async def random(self, kills: int, seed: int) -> None:
        """Trials with kills at random moments."""
        task = self._progress.add_task("random kills", total=kills)
        while kills > 0:
            now = min(KILLS_PER_WORLD, kills)
            await self._play(lambda world, now=now, seed=seed: kill_at_random(world, now, seed))  # type: ignore[misc]
            self._progress.advance(task, now)
            kills, seed = kills - now, seed + 1

    async def _play(self, play: Play) -> None:
        name = f"faults_{uuid.uuid4().hex[:12]}"
        folder = self._folder / name
        folder.mkdir()
        options = AnvilOptions(free_port(), automine=False)
        argv = leashed(command_line(await asyncio.to_thread(ensure, COMPONENTS["anvil"], print), options))
        with (folder / "anvil.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(*argv, stdout=log, stderr=log)
        try:
            async with AnvilRpc(f"http://127.0.0.1:{options.port}") as node:
                await node.wait_until_up()
                self._note(await self._in_world(name, node, folder, play), folder)
        finally:
            await end_process(process.pid)
            await process.wait()

    async def _in_world(self, name: str, node: AnvilRpc, folder: Path, play: Play) -> Trial:
        async with open_world(self._mongo_uri, name, node, folder) as world:
            world.forks = self._forks if len(self.trials) % UNFORKED else None
            trial = await play(world)
            await world.drop_database()
            return trial

    def _note(self, trial: Trial, folder: Path) -> None:
        self.trials.append(trial)
        if trial.passed:
            shutil.rmtree(folder)
        else:
            self._progress.console.print(f"[red]{trial}[/red]\nlogs and state files: {folder}", soft_wrap=True)


async def main(part: str) -> int:
    """Plays the campaign and prints what came of it."""
    kills, seed = int(os.environ.get("FAULTS_KILLS", "1000")), int(os.environ.get("SEED", "1"))
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    forks, began = ForkServer(), time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns) as progress:
            async with EmbeddedMongo(folder / "mongod", wrapper=leashed([]), oplog_mb=64) as mongo:
                campaign = Campaign(mongo.uri, folder, forks, progress)
                await campaign.points(part)
                left = kills - sum(trial.kills for trial in campaign.trials)
                if not part:
                    await campaign.random(left, seed)
    finally:
        forks.close()
    return _report(campaign.trials, folder, time.monotonic() - began)


def _report(trials: list[Trial], folder: Path, seconds: float) -> int:
    table = Table("trial", "kills", "finished", "lost", "doubled", "other gaps")
    for trial in trials:
        verdict = trial.verdict
        gaps = len(verdict.gaps) + len(verdict.wrong)
        table.add_row(trial.name, str(trial.kills), "yes" if trial.finished else "NO", str(len(verdict.lost)),
                      str(len(verdict.doubled)), str(gaps))  # fmt: skip
    console = Console()
    console.print(table)
    failed = [trial for trial in trials if not trial.passed]
    lost, doubled = (sum(len(getattr(t.verdict, what)) for t in trials) for what in ("lost", "doubled"))
    kills = sum(trial.kills for trial in trials)
    console.print(
        f"trials {len(trials)}, kills {kills}, lost {lost}, doubled {doubled}, failed trials {len(failed)}, "
        f"{seconds:.0f} s"
    )
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "")))
