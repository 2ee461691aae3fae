"""Who pays whom, and how fast that goes: the load that every way to post a movement is given."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from pymongo.errors import PyMongoError

from tests.benchmarks.results import Rate, rate_of
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.ledger import Posting, Receipt, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import sent
from wallet_core.ports import Ledger

#: Sender and recipient of the next movement.
Pairs = Iterator[tuple[int, int]]
#: Posts one movement between two people and returns when it is durable.
Post = Callable[[int, int], Awaitable[None]]

FUNDED_MINOR: Final = 10**15
#: So many movements stay within a process's own half of the accounts when the halves are nearly disjoint.
_OWN_HALF: Final = 0.98
_run, _numbers = uuid.uuid4().hex[:8], itertools.count()


def _uniform(accounts: int, chance: random.Random) -> Pairs:
    while True:
        sender, recipient = chance.sample(range(accounts), 2)
        yield sender, recipient


def _all_to_one(accounts: int, chance: random.Random) -> Pairs:
    while True:
        yield chance.randrange(1, accounts), 0


def _one_to_all(accounts: int, chance: random.Random) -> Pairs:
    while True:
        yield 0, chance.randrange(1, accounts)


def _own_half(half: int, accounts: int, chance: random.Random) -> Pairs:
    own = range(half * accounts // 2, (half + 1) * accounts // 2)
    while True:
        sender, recipient = chance.sample(own if chance.random() < _OWN_HALF else range(accounts), 2)
        yield sender, recipient


_KINDS: Final[dict[str, Callable[[int, random.Random], Pairs]]] = {
    "uniform": _uniform,
    "all to one": _all_to_one,
    "one to all": _one_to_all,
    "half 0": partial(_own_half, 0),
    "half 1": partial(_own_half, 1),
}


@dataclass(frozen=True, slots=True)
class Load:
    """So many at once, each posting one movement after the other, for so long."""

    pairs: str
    accounts: int
    at_once: int
    seconds: float

    def people(self) -> Pairs:
        """Who pays whom, endlessly."""
        return _KINDS[self.pairs](self.accounts, random.Random())


def new_key(prefix: str) -> str:
    """An idempotency key that no other process of this run has."""
    return f"{prefix}:{_run}:{next(_numbers)}"


def movement(sender: int, recipient: int) -> Posting:
    """The smallest sum from one person to another."""
    entries = sent(sender, recipient, 1, 0)
    return Posting(new_key("bench"), "sent", "bench", entries=entries, people=(sender, recipient))


def through(ledger: Ledger) -> Post:
    """Posts through the product's own port."""

    async def post(sender: int, recipient: int) -> None:
        await ledger.post(movement(sender, recipient))

    return post


async def post_all(ledger: Ledger, postings: Sequence[Posting]) -> None:
    """Posts them all; raises the first refusal, because what is measured on wrong books means nothing."""
    for outcome in await ledger.post_many(postings):
        if not isinstance(outcome, Receipt):
            raise outcome


async def fund(ledger: Ledger, people: Sequence[int]) -> None:
    """Gives each more than a benchmark can spend."""

    def funding(person: int) -> Posting:
        entries = (debit(Account(Asset.ITD, "trading"), FUNDED_MINOR), credit(available(person), FUNDED_MINOR))
        return Posting(new_key("fund"), "fund", "bench", entries=entries)

    await post_all(ledger, [funding(person) for person in people])


async def measure(post: Post, load: Load) -> Rate:
    """How fast the load was posted. What is under way when the time is over is waited for and not counted.

    The window ends with the last movement inside it: movements of one group end together, and a part of a group at the
    window's end would count for nothing.
    """
    pairs = load.people()
    latencies: list[float] = []
    ended_within: list[float] = []
    failed = 0
    begun = time.perf_counter()
    end = begun + load.seconds

    async def work() -> None:
        nonlocal failed
        while (start := time.perf_counter()) < end:
            try:
                await post(*next(pairs))
            except (Unavailable, PyMongoError):
                failed += 1
                continue
            now = time.perf_counter()
            latencies.append(now - start)
            if now < end:
                ended_within.append(now - begun)

    await asyncio.gather(*(work() for _ in range(load.at_once)))
    # None within the time: then all that there is.
    elapsed = max(ended_within, default=time.perf_counter() - begun)
    return rate_of(len(ended_within) or len(latencies), elapsed, latencies, failed)
