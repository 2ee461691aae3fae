"""Posting processes that are killed by SIGKILL in the middle of groups, again and again, until they have posted all."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from bot.sandbox.leash import leashed
from tests.faults.ledger.plan import funding, gaps, lost, series
from tests.faults.ledger.poster import AGAIN, DONE
from tests.faults.ledger.stored import Database
from tests.support.databases import transactions_end_after
from tests.support.wallet import open_wallet

#: An open transaction of a dead process keeps its locks for so long.
TRANSACTION_SECONDS = 1
#: A kill comes so much later than the acknowledgement that it waited for.
_WAITS_SECONDS = (0.0, 0.03)
_LIFE_SECONDS = 120


@dataclass
class Killed:
    """What came of it."""

    kills: int = 0
    acknowledged: set[str] = field(default_factory=set)
    #: Keys that were acknowledged as new, in all lives and by all processes.
    first_acknowledged: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


@dataclass
class _Life:
    """One series of one process after the other."""

    uri: str
    database: Database
    name: str
    count: int
    bugs: Sequence[str]
    waits_seconds: tuple[float, float]
    chance: Random
    killed: Killed

    async def all(self, kills: int) -> None:
        """Lives that end by a kill, and one that comes to the end of the series."""
        for _ in range(kills):
            await self._one(kill_after=self.chance.randint(1, self.count // (kills + 1)))
            self.killed.gaps += await lost(self.database, set(self.killed.acknowledged))
        code = await self._one()
        if code:
            self.killed.gaps.append(f"the last life of {self.name} ended with {code}")

    async def _one(self, kill_after: int | None = None) -> int:
        """Starts a process, and kills it soon after so many new acknowledgements."""
        argv = [self.uri, self.database.name, self.name, str(self.count), *self.bugs]
        command = leashed([sys.executable, "-m", "tests.faults.ledger.poster", *argv])
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            return await asyncio.wait_for(self._listen(process, kill_after), _LIFE_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _listen(self, process: asyncio.subprocess.Process, kill_after: int | None) -> int:
        """Reads to the end: what it said before its death counts, however late it is read."""
        assert process.stdout is not None
        fresh, killing = 0, None
        async for line in process.stdout:
            said, _, key = line.decode().rstrip().partition(" ")
            if said in (DONE, AGAIN):
                self.killed.acknowledged.add(key)
            if said == DONE:
                self.killed.first_acknowledged.append(key)
                fresh += 1
            if fresh == kill_after and killing is None:
                killing = asyncio.create_task(self._kill(process))
        if killing:
            await killing
        return await process.wait()

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        await asyncio.sleep(self.chance.uniform(*self.waits_seconds))
        if process.returncode is None:
            process.kill()
            self.killed.kills += 1


async def kill_posters(
    uri: str,
    database: Database,
    names: Sequence[str],
    *,
    count: int,
    kills: int,
    seed: int,
    bugs: Sequence[str] = (),
    waits_seconds: tuple[float, float] = _WAITS_SECONDS,
) -> Killed:
    """A process for each name, all at once on the same accounts; the same name twice posts the same keys twice.

    Each is killed ``kills`` times, posts the whole series ``count`` again from its start every time, and ends it.
    """
    killed = Killed()
    async with transactions_end_after(database.client, TRANSACTION_SECONDS), open_wallet(uri, database.name) as wallet:
        await wallet.ports.ledger.post_many(list(funding().values()))
        chances = [Random(f"{seed}:{number}") for number in range(len(names))]
        lives = [
            _Life(uri, database, name, count, bugs, waits_seconds, chance, killed)
            for name, chance in zip(names, chances, strict=True)
        ]
        await asyncio.gather(*(life.all(kills) for life in lives))
        wanted = funding()
        for name in names:
            wanted |= series(name, count)
        killed.gaps += await gaps(wallet, database, wanted)
    first = Counter(killed.first_acknowledged)
    killed.gaps += [f"{key} was accepted {times} times" for key, times in first.items() if times > 1]
    return killed
