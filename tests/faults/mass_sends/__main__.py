"""The campaign on mass sends: ``SEED=N python -m tests.faults.mass_sends [--rows N] [--kills N] [--report FILE]``.

One mass send of 50,000 lines to people and one of 2,000 lines to addresses on Bitcoin's regtest, the worker killed 20
times in each: each other life is to die at a point of the source, the rest at random. The exit code is 1 if a line was
lost or doubled, if progress ever went back, or if the result is not right to the last cell.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
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
from payout_worker.failpoints import declared
from tests.faults.coin_chain import open_chain
from tests.faults.fork_server import ForkServer
from tests.faults.mass_sends.admins import address_rows, begin, enter, open_for_payouts, people_rows
from tests.faults.mass_sends.judging import judge_mass_send
from tests.faults.mass_sends.killing import Killer
from tests.faults.mass_sends.report import Played, write
from tests.faults.mass_sends.watching import watching
from tests.faults.world import ITD, World, open_world
from wallet_core.adapters.mongo.embedded import EmbeddedMongo
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.money import Asset

_PEOPLE: Final = 2_000
_SATOSHI: Final = 3_000
#: The calls at which a mass send of people is killed, and payouts that came of one.
_MASS: Final = ("mass_piece:ledger.post_many", "mass_card:ledger.post")
_PAYOUTS: Final = (
    *_MASS, "mass_payouts:ledger.post", "form_batch:ledger.post", "sign_batch:signer.sign", "sign_batch:ledger.post",
    "broadcast_batch:ledger.post", "confirm_batch:ledger.post", "settle_batch:ledger.post_many",
    "settle_batch:ledger.post",
)  # fmt: skip


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
            return await self._play(world, "people", people_rows(rows, _PEOPLE), rows, points(_MASS), mines=False)

    async def addresses(self, rows: int) -> Played:
        """Lines to addresses on Bitcoin, which become payouts in batches."""
        async with self._world(Asset.BTC, "addresses") as world:
            await world.fund()
            await open_for_payouts(world)
            await enter(world, people=0, itd=100 * rows)
            lines = address_rows(world, rows, _SATOSHI)
            return await self._play(world, "addresses", lines, 100 * rows, points(_PAYOUTS), mines=True)

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
        self, world: World, name: str, rows: Sequence[FileRow], itd: int, at: Sequence[str], *, mines: bool
    ) -> Played:
        began = time.monotonic()
        send = await begin(world, rows)
        shown = time.monotonic()
        async with watching(world, send) as watch:
            killer = Killer(world, watch, self.seed)
            await killer.kill(self.kills, at, mines=mines)
            finished = await killer.finish(mines=mines)
        ran = time.monotonic()
        verdict = await judge_mass_send(world, watch, rows, itd * ITD)
        return Played(name, watch, killer, verdict, finished, shown - began, ran - shown, len(world.workers))


def points(calls: Sequence[str]) -> list[str]:
    """The points before and after these calls; a call that the source does not have any more is an error."""
    found = [f"{call}:{when}" for call in calls for when in ("before", "after")]
    assert set(found) <= set(declared()), set(found) - set(declared())
    return found


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
    page = write(played, called, report)
    sys.stdout.write(page)
    return 0 if all(one.passed for one in played) else 1


if __name__ == "__main__":
    # What a shell starts in the background ignores interrupts, and so would every process until its handlers stand.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mass_sends", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="lines to people")
    parser.add_argument("--addresses", type=int, default=2_000, help="lines to addresses")
    parser.add_argument("--kills", type=int, default=20, help="of the worker, in each of the two")
    parser.add_argument("--report", type=Path, help="a page of Markdown to write; JSON goes beside it")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(main(chosen.rows, chosen.addresses, chosen.kills, chosen.report)))
