"""The campaign on mass sends: ``SEED=N python -m tests.faults.mass_sends [--rows N] [--kills N] [--report FILE]``.

One mass send of 50,000 lines to people and one of 2,000 lines to addresses on Bitcoin's regtest, and the worker is
killed all the time. While people are paid each other life ends at a point of the source, the rest at random, all over
the lines; addresses' payouts go their way from the line to the end of the mass send with a life that ends at each point
of it, and one at random before each call. The exit code is 1 if a line was lost or doubled, if progress ever went back,
if the result is not right to the last cell, or if a kill that was asked for did not come about.
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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from bot.sandbox.leash import leashed
from tests.faults.coin_chain import open_chain
from tests.faults.fork_server import ForkServer
from tests.faults.mass_sends.admins import address_rows, begin, enter, open_for_payouts, people_rows
from tests.faults.mass_sends.judging import judge_mass_send
from tests.faults.mass_sends.killing import Killer, Kills
from tests.faults.mass_sends.plan import Life, along, throughout
from tests.faults.mass_sends.report import Played, write
from tests.faults.mass_sends.watching import watching
from tests.faults.world import ITD, World, open_world
from wallet_core.adapters.mongo.embedded import EmbeddedMongo
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.money import Asset

_PEOPLE: Final = 2_000
_SATOSHI: Final = 3_000
_KILLS: Final = 20


@dataclass(frozen=True)
class Campaign:
    """What is played."""

    folder: Path
    mongo_uri: str
    forks: ForkServer
    seed: int
    kills: int

    async def people(self, rows: int) -> Played:
        """Lines to people; no chain is needed but to be a worker at all."""
        async with self._world(Asset.ETH, "people") as world:
            await enter(world, people=_PEOPLE, itd=rows)
            lives = throughout(self.kills, rows)
            return await self._play(world, "people", people_rows(rows, _PEOPLE), rows, lives)

    async def addresses(self, rows: int) -> Played:
        """Lines to addresses on Bitcoin, which become payouts in batches once all of them are queued."""
        async with self._world(Asset.BTC, "addresses") as world:
            await world.fund()
            await open_for_payouts(world)
            await enter(world, people=0, itd=100 * rows)
            lines = address_rows(world, rows, _SATOSHI)
            return await self._play(world, "addresses", lines, 100 * rows, along(Asset.BTC), mined=True)

    @asynccontextmanager
    async def _world(self, asset: Asset, name: str) -> AsyncIterator[World]:
        chain = open_chain(asset, self.folder, self.folder)
        async with (
            chain as mined,
            open_world(self.mongo_uri, name, mined, self.folder / name, WORKER_RAILS="") as world,
        ):
            world.forks = self.forks
            yield world

    async def _play(
        self, world: World, name: str, rows: Sequence[FileRow], itd: int, lives: Sequence[Life], *, mined: bool = False
    ) -> Played:
        began = time.monotonic()
        send = await begin(world, rows)
        shown, kills = time.monotonic(), Kills(lives)
        async with watching(world, send) as watch:
            killer = Killer(world, watch, self.seed, kills)
            await killer.kill()
            finished = await killer.finish(mined=mined)
        ran = time.monotonic()
        verdict = await judge_mass_send(world, watch, rows, itd * ITD)
        return Played(name, watch, kills, verdict, finished, shown - began, ran - shown, len(await world.batches()))


async def main(rows: int, addresses: int, kills: int, report: Path | None) -> int:
    """Plays both, and prints what came of it."""
    # What the core says of each refusal would drown the rest.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seed, folder = int(os.environ.get("SEED", "1")), Path(tempfile.mkdtemp(prefix="mass-faults-"))
    for name in ("people", "addresses"):
        (folder / name).mkdir()
    forks = ForkServer()
    try:
        async with EmbeddedMongo(folder / "mongod", wrapper=leashed([]), oplog_mb=256) as mongo:
            campaign = Campaign(folder, mongo.uri, forks, seed, kills)
            played = [await campaign.people(rows), await campaign.addresses(addresses)]
    finally:
        forks.close()
    called = f"SEED={seed} python -m tests.faults.mass_sends --rows {rows} --addresses {addresses} --kills {kills}"
    sys.stdout.write(write(played, called, report))
    if failed := [one.name for one in played if not one.passed]:
        sys.stderr.write(f"failed: {', '.join(failed)}; logs: {folder}\n")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    # What a shell starts in the background ignores interrupts, and so would every process until its handlers stand.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mass_sends", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="lines to people")
    parser.add_argument("--addresses", type=int, default=2_000, help="lines to addresses")
    parser.add_argument(
        "--kills", type=int, default=_KILLS, help="while lines are paid to people; payouts have a way of their own"
    )
    parser.add_argument("--report", type=Path, help="a page of Markdown to write; JSON goes beside it")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(main(chosen.rows, chosen.addresses, chosen.kills, chosen.report)))
