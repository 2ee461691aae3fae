"""``medici``, the double-entry ledger on MongoDB for Node.js, beside ours on the same server.

It comes from npm by the pins in ``medici/package-lock.json``, into the folder of fetched programs. It posts as its own
documentation says, balance check and write lock of the sender included. It locks nobody who receives: so it is asked
for both kinds of hot account. With its snapshots of balances (the default) a sum goes over everything that was posted
since, to whatever account; without them over all of one account. Either can be the faster: it has the better of both.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.sandbox.components import npm
from bot.sandbox.components.cache import cache_dir, put_in_place, scratch_dir
from tests.benchmarks.bench import Bench
from tests.benchmarks.drivers import Driver, DriverError, driver
from tests.benchmarks.load import Load, Post, fund, measure, through
from tests.benchmarks.results import Rate, Row, at_least, fastest, rate_row

_FOLDER: Final = Path(__file__).with_name("medici")
_PINS: Final = ("package.json", "package-lock.json")
_INSTALL_SECONDS: Final = 300
_SNAPSHOT_SECONDS: Final = (86_400, 0)
_PEER: Final = "medici at its best"
_ROWS: Final = {
    "uniform": "movements/s beside medici, uniform",
    "all to one": "movements/s beside medici, all pay one",
    "one to all": "movements/s beside medici, one pays all",
}


class MissingPeerError(RuntimeError):
    """The peer cannot be had on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class _Sides:
    ours: Post
    #: With and without snapshots.
    peers: Sequence[Driver]


async def medici(bench: Bench) -> list[Row]:
    """Our ledger at its most at once against medici at its best; rows of words where there is no medici."""
    rows = []
    for pairs, what in _ROWS.items():
        try:
            async with _both_sides(bench) as sides:
                rows.append(await _compare(bench, sides, pairs))
        except (MissingPeerError, DriverError) as error:
            rows.append(Row(what, _PEER, note=f"not compared: {error}"))
    return rows


@asynccontextmanager
async def _both_sides(bench: Bench) -> AsyncIterator[_Sides]:
    """Fresh databases: what the peer sums up grows with every movement."""
    bench.say("medici: making it ready")
    node, modules = await asyncio.to_thread(_installed)
    async with AsyncExitStack() as stack:
        wallet, _ = await stack.enter_async_context(bench.wallet("beside_medici"))
        await fund(wallet.ports.ledger, range(bench.plan.accounts))
        peers = []
        for snapshot_seconds in _SNAPSHOT_SECONDS:
            own = await stack.enter_async_context(bench.database(f"medici_{snapshot_seconds}"))
            arguments = (bench.uri, own.name, str(bench.plan.accounts), str(snapshot_seconds))
            argv = [str(node), str(_FOLDER / "driver.cjs"), *arguments]
            peers.append(await stack.enter_async_context(driver(argv, {"NODE_PATH": str(modules)})))
        yield _Sides(through(wallet.ports.ledger), peers)


async def _compare(bench: Bench, sides: _Sides, pairs: str) -> Row:
    plan = bench.plan
    ours: list[Rate] = []
    theirs: list[Rate] = []
    for number in range(1, plan.rounds + 1):
        bench.say(f"medici, {pairs}: round {number} of {plan.rounds}")
        loads = [Load(pairs, plan.accounts, at_once, plan.seconds_each) for at_once in plan.rivals_at_once]
        theirs.append(fastest([await peer.measure(load) for load in loads for peer in sides.peers]))
        ours.append(await measure(sides.ours, Load(pairs, plan.accounts, max(plan.at_once), plan.seconds_each)))
    return rate_row(_ROWS[pairs], _PEER, ours, theirs, at_least(25))


def _installed() -> tuple[Path, Path]:
    """Node and the folder of modules, fetched if need be. Raises ``MissingPeerError``."""
    program = npm.locate()
    if program is None:
        raise MissingPeerError("there is no npm here")
    pins = hashlib.sha256(b"".join((_FOLDER / name).read_bytes() for name in _PINS)).hexdigest()[:12]
    target = cache_dir() / f"medici-{pins}"
    if not target.is_dir():
        with scratch_dir() as scratch:
            made = scratch / "medici"
            made.mkdir()
            for name in _PINS:
                shutil.copy(_FOLDER / name, made / name)
            _install(npm.command(program, "ci", "--ignore-scripts", "--no-audit", "--no-fund"), made)
            put_in_place(made, target)
    return program.with_name("node"), target / "node_modules"


def _install(argv: Sequence[str], folder: Path) -> None:
    """npm checks every package against the SHA-512 in the lock file."""
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingPeerError(f"npm does not work ({type(error).__name__})") from error
    if done.returncode != 0:
        raise MissingPeerError(f"npm could not fetch it ({done.stderr.strip()[-200:]})")
