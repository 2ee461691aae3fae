"""Signals by the handful, at any moment from the first instruction on: the worker ends at once, and orderly."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from pathlib import Path
from typing import Final

from tests.faults.processes import Process, ended
from tests.faults.trials import Trial, mined_at_random, queue_while_paused
from tests.faults.world import World

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2)
#: Within so long all of a storm's signals come.
_STORM_SECONDS: Final = 0.3
_LONGEST_LIFE_SECONDS: Final = 2.0
#: Before the handlers stand, the system's own action is right, or the interpreter's for SIGINT.
_UNHANDLED: Final = {1, *(-number for number in SIGNALS)}
_UNITS: Final = ("payout", "purchase")


async def storm(world: World, signals: int, seed: int) -> Trial:
    """Lives that each end by one signal or several, until so many were sent; then the payouts are finished."""
    trial, chance = Trial("signals", f"{world.asset}, seed {seed}"), random.Random(seed)
    feed = await queue_while_paused(world, 10)
    async with mined_at_random(world, chance):
        while trial.done["signals"] < signals:
            await _life(world, chance, trial)
            if chance.random() < 0.5:
                await feed.payouts(1)
    worker = world.start_worker()
    done = await feed.finish(120)
    trial.finished = await world.stop_worker(worker) == 0 and done
    verdict = await feed.verdict()
    trial.verdict.lost, trial.verdict.doubled, trial.verdict.wrong = verdict.lost, verdict.doubled, verdict.wrong
    trial.verdict.gaps += verdict.gaps
    trial.payouts = len(feed.paid)
    return trial


async def _life(world: World, chance: random.Random, trial: Trial) -> None:
    worker = world.start_worker()
    # Half of them before the worker has come to anything.
    early = chance.random() < 0.5
    await asyncio.sleep(chance.uniform(0, 0.2 if early else _LONGEST_LIFE_SECONDS))
    listened, began = _listens(worker), time.monotonic()
    first = await _send(worker, chance, trial)
    code = await ended(worker)
    trial.exits.append(time.monotonic() - began)
    trial.done["lives"] += 1
    trial.done["early"] += early
    if code != 0 and (listened or code not in _UNHANDLED):
        trial.verdict.gaps.append(f"{first.name} ended it with {code}")
    elif code == 0:
        trial.verdict.gaps += _unreadable(world)


def _listens(worker: Process) -> bool:
    """Whether the worker's handlers stand: SIGUSR2 is the last that it takes, and the interpreter takes none itself."""
    try:
        status = Path(f"/proc/{worker.pid}/status").read_text()
    except OSError:
        return False
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught & 1 << signal.SIGUSR2 - 1)


async def _send(worker: Process, chance: random.Random, trial: Trial) -> signal.Signals:
    """One signal or up to five; returns the first."""
    sent = [chance.choice(SIGNALS) for _ in range(chance.choice((1, 1, 2, 5)))]
    for number in sent:
        if worker.poll() is not None:
            break
        worker.send_signal(number)
        trial.done["signals"] += 1
        await asyncio.sleep(chance.uniform(0, _STORM_SECONDS / len(sent)))
    return sent[0]


def _unreadable(world: World) -> list[str]:
    """State files that are not whole after an orderly end."""
    wrong = []
    for unit in _UNITS:
        path = world.folder / "worker" / f"{unit}.state.json"
        try:
            json.loads(path.read_text())
        except (OSError, ValueError) as error:
            wrong.append(f"{path.name}: {error}")
    return wrong
