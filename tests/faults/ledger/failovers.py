"""Postings without a pause while primaries are stepped down and killed: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pymongo import AsyncMongoClient

from tests.faults.ledger.plan import funding, gaps, lost, series, transfer
from tests.faults.ledger.replica_set import ReplicaSet
from tests.faults.ledger.stored import Database
from tests.support.wallet import Wallet, open_wallet
from wallet_core.domain.errors import Unavailable

AT_ONCE = 64
#: So many more were acknowledged after whatever happened: the ledger works again.
_ENOUGH = 500
_PAUSE_SECONDS = 0.05
_TRIES = 2_000
_AWAY_SECONDS = 0.5


@dataclass
class Traffic:
    """Transfers of one series, one number after the other, until it is told to end."""

    wallet: Wallet
    database: Database
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    acknowledged: list[str] = field(default_factory=list)
    ends: bool = False
    gaps: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Posts until the end."""
        await self.wallet.ports.ledger.post_many(list(funding().values()))
        await asyncio.gather(*(self._post() for _ in range(AT_ONCE)))

    async def _post(self) -> None:
        while not self.ends:
            posting = transfer("failover", next(self.numbers))
            for _ in range(_TRIES):
                try:
                    await self.wallet.ports.ledger.post(posting)
                except Unavailable:
                    await asyncio.sleep(_PAUSE_SECONDS)
                else:
                    self.acknowledged.append(posting.key)
                    break

    async def flows(self, more: int = _ENOUGH) -> None:
        """Waits until so many more were acknowledged."""
        enough = len(self.acknowledged) + more
        for _ in range(_TRIES):
            if len(self.acknowledged) >= enough:
                return
            await asyncio.sleep(_PAUSE_SECONDS)
        raise TimeoutError("the ledger does not work again")

    async def judge(self) -> None:
        """Finds what is wrong after the end."""
        wanted = funding() | series("failover", next(self.numbers))
        self.gaps += await lost(self.database, self.acknowledged)
        self.gaps += await gaps(self.wallet, self.database, wanted)


async def stepped_down(servers: ReplicaSet) -> None:
    """The primary is told to be one no more."""
    await servers.step_down()


async def killed(servers: ReplicaSet) -> None:
    """The primary dies, and comes back when another one took its place."""
    await servers.kill(await servers.primary())
    await servers.primary()
    await servers.start()


async def killed_unheard(servers: ReplicaSet) -> None:
    """The primary dies when the others had not heard of its last commits, since they had died before it."""
    first = await servers.primary()
    others = [member for member in servers.members if member is not first]
    await servers.kill(*others)
    await asyncio.sleep(_AWAY_SECONDS)
    await servers.kill(first)
    for member in others:
        member.start()
    await servers.primary()
    await servers.start()


Disaster = Callable[[ReplicaSet], Awaitable[None]]
DISASTERS: tuple[Disaster, ...] = (stepped_down, killed, killed_unheard)


async def survive(servers: ReplicaSet, database_name: str, *disasters: Disaster) -> Traffic:
    """Posts all the time while one disaster comes after the other, and ends when the ledger works after the last."""
    async with _traffic(servers, database_name) as traffic:
        await traffic.flows()
        for disaster in disasters:
            await disaster(servers)
            await traffic.flows()
    return traffic


@asynccontextmanager
async def _traffic(servers: ReplicaSet, database_name: str) -> AsyncIterator[Traffic]:
    client = AsyncMongoClient[dict[str, object]](servers.uri, tz_aware=True)
    async with client, open_wallet(servers.uri, database_name) as wallet:
        traffic = Traffic(wallet, client[database_name])
        running = asyncio.create_task(traffic.run())
        try:
            yield traffic
        finally:
            traffic.ends = True
            await running
        await traffic.judge()
