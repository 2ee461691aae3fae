"""Two workers for one hot wallet: the one that has it is paused past its lease, and wakes up beside the other."""

from __future__ import annotations

import asyncio
import random
import signal
from typing import Final

from tests.faults.feed import Feed
from tests.faults.processes import ended
from tests.faults.trials import Trial, mined_at_random
from tests.faults.world import World
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.lease import Lease

LEASE_SECONDS: Final = 1
_NAMES: Final = ("one", "other")
_TAKEN_SECONDS: Final = 20.0


async def pause_the_holder(world: World, rounds: int, seed: int) -> Trial:
    """SIGSTOP of whoever has the lease, until the other has taken it and paid; then SIGCONT."""
    trial, chance, feed = Trial("two workers", f"{world.asset}, seed {seed}"), random.Random(seed), Feed(world)
    await world.fund()
    await feed.payouts(3)
    workers = [world.start_worker(name, LEASE_SECONDS=str(LEASE_SECONDS)) for name in _NAMES]
    async with mined_at_random(world, chance):
        for _ in range(rounds):
            await feed.payouts(3)
            await asyncio.sleep(chance.uniform(0.2, 1.2))
            await _another_than(world, None)
            holder = await _holder(world)
            number = [_identity(world, name) for name in _NAMES].index(holder or "")
            workers[number].send_signal(signal.SIGSTOP)
            taken = await _another_than(world, holder)
            await feed.payouts(1)
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            workers[number].send_signal(signal.SIGCONT)
            trial.done["paused holders"] += 1
            trial.done["taken over"] += taken
    done = await feed.finish(90)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    codes = [await ended(worker) for worker in workers]
    trial.finished = done and codes == [0, 0] and trial.done["taken over"] == rounds
    trial.verdict, trial.payouts = await feed.verdict(), len(feed.paid)
    trial.verdict.gaps += await _stale_postings(world)
    return trial


async def _stale_postings(world: World) -> list[str]:
    """What was posted by a worker after another had begun a new epoch."""
    holder, wrong = "", []
    for record in await world.ports.store.find(JournalRecord, {}, order_by=("at",), limit=100_000):
        if record.kind == "lease_taken" and world.hot in str(record.facts["lease"]):
            holder = str(record.facts["holder"])
        elif record.kind.startswith("batch_") and record.by != f"worker:{holder}":
            wrong.append(f"{record.kind} was posted by {record.by}, and {holder} had the lease")
    return wrong


async def _holder(world: World) -> str | None:
    leases = [lease for lease in await world.ports.store.find(Lease, {}) if world.hot in lease.id]
    return leases[0].holder if leases else None


async def _another_than(world: World, holder: str | None) -> bool:
    for _ in range(int(_TAKEN_SECONDS / 0.1)):
        if await _holder(world) != holder:
            return True
        await asyncio.sleep(0.1)
    return False


def _identity(world: World, name: str) -> str:
    """The name under which the worker with this state folder holds leases."""
    path = world.folder / name / "identity"
    return path.read_text().strip() if path.exists() else ""
