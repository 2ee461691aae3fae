"""Several processes that take the same person's limit at the same time, and what is to be said of them afterwards."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.support.limit_rival import GO, HELD, LIMITED, OVER, READY, REFUSED, STOP, TAKEN, Order
from tests.support.wallet import Wallet
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc import Operation, day_of, used

PROCESSES = 4
#: Longer than anything takes here, also where everything is slow.
_PATIENCE_SECONDS = 120


@dataclass
class Rival:
    """One process, and what it has said about the present order."""

    process: asyncio.subprocess.Process
    outcomes: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    _reading: asyncio.Task[None] | None = None

    async def begin(self, order: Order) -> None:
        """Gives the order, and waits until its offers are made."""
        self.outcomes.clear()
        self._write(order.line())
        line = await asyncio.wait_for(self._line(), _PATIENCE_SECONDS)
        assert line == READY, line

    def go(self) -> None:
        """Lets it ask."""
        self._write(f"{GO}\n".encode())
        self._reading = asyncio.create_task(self._read())

    def stop(self) -> None:
        """Lets it ask no more."""
        self._write(f"{STOP}\n".encode())

    async def over(self) -> None:
        """Waits until all its tasks have come to an end."""
        assert self._reading is not None
        await asyncio.wait_for(self._reading, _PATIENCE_SECONDS)

    async def refused_again(self, times: int) -> None:
        """Waits until the limit has refused it so many more times."""
        target = self.limited + times
        async with self._heard:
            await asyncio.wait_for(self._heard.wait_for(lambda: self.limited >= target), _PATIENCE_SECONDS)

    @property
    def limited(self) -> int:
        """How often the limit refused it, or had it held for a recipient with a full day."""
        of_limit = (o for o in self.outcomes if o[0] == HELD or (o[0] == REFUSED and o[1] in LIMITED))
        return sum(self.outcomes[outcome] for outcome in of_limit)

    async def _read(self) -> None:
        while (line := await self._line()) != OVER:
            async with self._heard:
                self.outcomes[tuple(line.split())] += 1
                self._heard.notify_all()

    async def _line(self) -> str:
        """The next line that is no log."""
        assert self.process.stdout is not None
        while line := (await self.process.stdout.readline()).decode().strip():
            if line.split()[0] in (READY, TAKEN, HELD, REFUSED, OVER):
                return line
        raise AssertionError("the rival ended")

    def _write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)


@dataclass
class Rivals:
    """All of the processes."""

    all: list[Rival]

    async def once(self, order: Order) -> Counter[tuple[str, ...]]:
        """What came of all the order's tasks, spread over the processes, at the same moment."""
        async with self.asking(replace(order, tasks=order.tasks // len(self.all))):
            pass
        return self.outcomes

    @asynccontextmanager
    async def asking(self, order: Order) -> AsyncIterator[None]:
        """Each process does the order; it ends with the block."""
        await asyncio.gather(*(rival.begin(order) for rival in self.all))
        for rival in self.all:
            rival.go()
        try:
            yield
        finally:
            for rival in self.all if order.again else ():
                rival.stop()
            await asyncio.gather(*(rival.over() for rival in self.all))

    async def used_up(self, order: Order) -> None:
        """Waits until each process was refused by a limit in more attempts than it had begun before."""
        await asyncio.gather(*(rival.refused_again(order.tasks + 1) for rival in self.all))

    @property
    def outcomes(self) -> Counter[tuple[str, ...]]:
        """What all of them said."""
        return sum((rival.outcomes for rival in self.all), Counter[tuple[str, ...]]())


@asynccontextmanager
async def started(uri: str) -> AsyncIterator[Rivals]:
    """The processes, which end with the block."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.limit_rival", uri,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    try:
        yield Rivals([Rival(process) for process in processes])
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


@dataclass(frozen=True, slots=True)
class Books:
    """What the journal has of one limit of one person, and what the counters have."""

    taken: tuple[tuple[datetime, str], ...]
    counted: dict[str, int]
    starts_at_hour: int

    @property
    def by_day(self) -> dict[str, int]:
        """How many were taken of each day, by the journal."""
        return dict(Counter(day for _, day in self.taken))

    def problems(self, most: int) -> list[str]:
        """What is wrong whatever was asked: a count above the limit, a day that is not its posting's, or a lost one."""
        said = [f"{count} on {day}, where {most} are allowed" for day, count in self.by_day.items() if count > most]
        said += [f"{at} is not on {day}" for at, day in self.taken if day_of(at, self.starts_at_hour) != day]
        if self.by_day != self.counted:
            said.append(f"the journal has {self.by_day}, the counters {self.counted}")
        return said

    def before(self, moment: datetime, day: str) -> int:
        """How many of a day were taken before a moment."""
        return sum(at < moment for at, of in self.taken if of == day)


async def books_of(wallet: Wallet, person: int, operation: Operation) -> Books:
    """Everything that was taken of a person's limit."""
    records = await wallet.ports.store.find(JournalRecord, {}, order_by=("place",), limit=100_000)
    taken = tuple(
        (record.at, limit.day)
        for record in records
        for limit in record.limits
        if (limit.person, limit.operation) == (person, operation)
        for _ in range(limit.count)
    )
    guards = await wallet.ports.store.get(Guards, person)
    assert guards is not None
    counted = {day: used(guards, operation, day).count for day in guards.limits}
    hour = wallet.ports.settings.day_starts_at_hour
    return Books(taken, {day: count for day, count in counted.items() if count}, hour)
