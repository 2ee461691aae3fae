"""The plan of a campaign, and its runner: each job is a world of its own; several run at a time, none ends the rest."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from bot.sandbox.leash import leashed
from tests.faults.coin_chain import open_chain
from tests.faults.disasters import kill_nodes_and_cut, kill_primaries
from tests.faults.fork_server import ForkServer
from tests.faults.freezing import kill_while_frozen
from tests.faults.ledger.replica_set import replica_set
from tests.faults.points import FREEZING, LEAVING, UNREACHED, Needs, call_of, needs_of, points_of, points_of_contract
from tests.faults.purchases.kills import FINAL_DEPTH as DEPTH_OF_PURCHASES
from tests.faults.purchases.kills import kill_while_paying
from tests.faults.purchases.reversals import kill_while_reversing
from tests.faults.reorganisations import DEPTHS, STATES, WITHIN, reorganise_final, reorganise_in, settings_for
from tests.faults.rivals import pause_the_holder
from tests.faults.storms import storm
from tests.faults.trials import Sweep, Trial, kill_at_random, sampled_pairs
from tests.faults.world import FINAL_DEPTH, World, open_world
from wallet_core.adapters.mongo.embedded import EmbeddedMongo
from wallet_core.domain.money import Asset

CHAINS: Final = (Asset.BTC, Asset.LTC, Asset.ETH)
#: One life in so many begins as ``python -m payout_worker``.
UNFORKED_EVERY: Final = 8
_POINTS_PER_WORLD: Final = 12
_KILLS_PER_POINT: Final = 3
_PAIRS: Final = 20
_PAIRS_PER_WORLD: Final = 10
_KILLS_PER_WORLD: Final = 25
#: At random while customers pay: as many as at random while payouts are paid, but not more than these or a third.
_PURCHASE_KILLS: Final = 200
_SIGNALS_PER_CHAIN: Final = 50
_ROUNDS_PER_CHAIN: Final = 4
_DISASTERS_PER_CHAIN: Final = 7
_ROOT: Final = Path(__file__).parents[2]
#: A job that takes longer has failed; its logs tell why.
_LONGEST_SECONDS: Final = 900.0


@dataclass(frozen=True)
class Job:
    """One world, and what is done in it."""

    part: str
    asset: Asset
    play: Callable[[World], Awaitable[Trial]]
    final_depth: int = FINAL_DEPTH
    settings: dict[str, str] = field(default_factory=dict)
    #: The chain survives a SIGKILL of its node.
    keeps: bool = False
    #: Three members, whose primary is killed so often.
    primaries: int = 0
    #: On Ethereum the contract pays.
    mass: bool = False


def plan(parts: str, kills: int, seed: int) -> list[Job]:
    """All jobs of the parts whose name contains this text, in random order."""
    makers = (_failpoints, _pairs, _random, _disasters, _signals, _rivals, _reorganisations)
    jobs = [job for asset in CHAINS for make in makers[:2] + makers[3:] for job in make(asset, seed)]
    jobs += [*_random_on_all(kills, seed), *_purchases_on_all(min(kills, max(_PURCHASE_KILLS, kills // 3)), seed)]
    jobs += _contract(seed)
    random.Random(seed).shuffle(jobs)
    return [job for job in jobs if parts in job.part]


def _failpoints(asset: Asset, seed: int) -> Iterator[Job]:
    points = [point for point in points_of(asset) if call_of(point) not in UNREACHED]
    frozen = [point for point in points if needs_of(point) & FREEZING]
    leaving = [point for point in points if needs_of(point) & LEAVING]
    of_contract = [point for point in points if needs_of(point) & Needs.CONTRACT]
    usual = [point for point in points if point not in (*frozen, *leaving, *of_contract)]
    random.Random(seed).shuffle(usual)
    for at in range(0, len(usual), _POINTS_PER_WORLD):
        some = usual[at : at + _POINTS_PER_WORLD]
        yield Job("failpoints", asset, partial(_sweep, points=some, seed=seed + at))
    for point in frozen:
        yield Job("failpoints", asset, partial(kill_while_frozen, point=point, times=_KILLS_PER_POINT))
    reverse = partial(kill_while_reversing, points=leaving, times=_KILLS_PER_POINT)
    yield Job("failpoints", asset, reverse, DEPTH_OF_PURCHASES[asset])


def _contract(seed: int) -> Iterator[Job]:
    points = points_of_contract()
    random.Random(seed).shuffle(points)
    for at in range(0, len(points), _POINTS_PER_WORLD):
        some = points[at : at + _POINTS_PER_WORLD]
        yield Job("contract", Asset.ETH, partial(_sweep, points=some, seed=seed + at, part="contract"), mass=True)
    yield Job("contract", Asset.ETH, partial(kill_at_random, kills=_KILLS_PER_WORLD, seed=seed), mass=True)


async def _sweep(world: World, points: list[str], seed: int, part: str = "failpoints") -> Trial:
    sweep = Sweep(world, seed)
    sweep.trial.part = part
    await sweep.begin()
    for point in points:
        await sweep.kill_at(point, _KILLS_PER_POINT)
    return await sweep.finish()


def _pairs(asset: Asset, seed: int) -> Iterator[Job]:
    pairs = sampled_pairs(points_of(asset), _PAIRS, seed)
    for at in range(0, len(pairs), _PAIRS_PER_WORLD):
        yield Job("pairs", asset, partial(_sweep_pairs, pairs=pairs[at : at + _PAIRS_PER_WORLD], seed=seed + at))


async def _sweep_pairs(world: World, pairs: list[tuple[str, str]], seed: int) -> Trial:
    sweep = Sweep(world, seed)
    sweep.trial.part = "pairs"
    await sweep.begin()
    for first, second in pairs:
        await sweep.kill_in_recovery(first, second)
    return await sweep.finish()


def _random(asset: Asset, seed: int, kills: int) -> Job:
    return Job("random kills", asset, partial(kill_at_random, kills=kills, seed=seed))


def _random_on_all(kills: int, seed: int) -> Iterator[Job]:
    number = 0
    while kills > 0:
        yield _random(CHAINS[number % len(CHAINS)], seed + number, min(kills, _KILLS_PER_WORLD))
        kills, number = kills - _KILLS_PER_WORLD, number + 1


def _purchases_on_all(kills: int, seed: int) -> Iterator[Job]:
    for number in range(0, kills, _KILLS_PER_WORLD):
        asset = CHAINS[number // _KILLS_PER_WORLD % len(CHAINS)]
        play = partial(kill_while_paying, kills=min(kills - number, _KILLS_PER_WORLD), seed=seed + number)
        yield Job("purchases", asset, play, DEPTH_OF_PURCHASES[asset])


def _disasters(asset: Asset, seed: int) -> Iterator[Job]:
    yield Job("nodes", asset, partial(kill_nodes_and_cut, times=2 * _DISASTERS_PER_CHAIN, seed=seed), keeps=True)
    yield Job("primaries", asset, _not_alone, primaries=_DISASTERS_PER_CHAIN)


async def _not_alone(world: World) -> Trial:
    raise AssertionError("a world with a replica set is played with it")


def _signals(asset: Asset, seed: int) -> Iterator[Job]:
    yield Job("signals", asset, partial(storm, signals=_SIGNALS_PER_CHAIN, seed=seed))


def _rivals(asset: Asset, seed: int) -> Iterator[Job]:
    yield Job("two workers", asset, partial(pause_the_holder, rounds=_ROUNDS_PER_CHAIN, seed=seed))


def _reorganisations(asset: Asset, seed: int) -> Iterator[Job]:
    depths = DEPTHS[asset]
    for state in STATES[asset]:
        play = partial(reorganise_in, state=state, depths=depths)
        yield Job("reorganisations", asset, play, WITHIN[asset], settings_for(asset, state))
    for depth in depths[2:4]:
        play = partial(reorganise_final, depth=depth)
        yield Job("reorganisations", asset, play)


class Runner:
    """Plays jobs, each in a new world, and keeps the folders of those that failed."""

    def __init__(
        self, folder: Path, mongo: EmbeddedMongo, forks: ForkServer, told: Callable[[Trial, Path], None]
    ) -> None:
        self._folder = folder
        self._mongo = mongo
        self._forks = forks
        self._told = told
        self.trials: list[Trial] = []

    async def run(self, jobs: list[Job], at_once: int) -> None:
        """Plays all of them, so many at a time."""
        waiting = iter(jobs)

        async def work() -> None:
            for job in waiting:
                await self._play(job)

        # The blocks that all chains begin with are mined before two could do it at once.
        for asset in {job.asset for job in jobs}:
            scratch = self._folder / f"first-{asset}"
            scratch.mkdir()
            async with open_chain(asset, scratch, self._folder):
                pass
        await asyncio.gather(*(work() for _ in range(at_once)))

    async def _play(self, job: Job) -> None:
        folder, began = self._folder / f"{job.part.replace(' ', '-')}-{uuid.uuid4().hex[:8]}", time.monotonic()
        folder.mkdir()
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                trial = await self._in_world(job, folder)
        except Exception:
            trial = Trial(job.part, f"{job.asset}")
            trial.verdict.gaps.append(traceback.format_exc(limit=-3).replace(f"{_ROOT}/", ""))
        trial.seconds = time.monotonic() - began
        self.trials.append(trial)
        if trial.passed:
            shutil.rmtree(folder, ignore_errors=True)
        self._told(trial, folder)

    async def _in_world(self, job: Job, folder: Path) -> Trial:
        if job.primaries:
            async with replica_set(folder, 3) as servers, self._world(job, folder, servers.uri) as world:
                return await kill_primaries(world, servers, job.primaries, 1)
        async with self._world(job, folder, self._mongo.uri) as world:
            trial = await job.play(world)
            await world.drop_database()
            return trial

    @asynccontextmanager
    async def _world(self, job: Job, folder: Path, uri: str) -> AsyncIterator[World]:
        name, depth = f"faults_{uuid.uuid4().hex[:12]}", job.final_depth
        async with (
            open_chain(job.asset, folder, self._folder, keeps=job.keeps) as chain,
            open_world(uri, name, chain, folder, final_depth=depth, mass=job.mass, **job.settings) as world,
        ):
            world.forks, world.unforked_every = self._forks, UNFORKED_EVERY
            yield world


@asynccontextmanager
async def opened(folder: Path, told: Callable[[Trial, Path], None]) -> AsyncIterator[Runner]:
    """A runner with its database and the process that workers are forked from."""
    forks = ForkServer()
    try:
        async with EmbeddedMongo(folder / "mongod", wrapper=leashed([]), oplog_mb=64) as mongo:
            yield Runner(folder, mongo, forks, told)
    finally:
        forks.close()
