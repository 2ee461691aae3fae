"""What becomes of history and ``wallet verify`` as the journal grows. Books of each size stand side by side."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from tests.benchmarks.bench import Bench, Say
from tests.benchmarks.load import fund, movement, post_all
from tests.benchmarks.results import Row, at_most, time_row
from tests.support.wallet import Wallet
from wallet_core.domain.people import Caller
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.show_history import show_history
from wallet_core.use_cases.verify_books import verify_books

_POSTED_AT_ONCE: Final = 10_000
_SAID_EVERY: Final = 100_000
_PAGES: Final = {"newest": Towards.OLDER, "oldest": Towards.NEWER}


@dataclass(frozen=True, slots=True)
class _Books:
    """A journal of a known size in which one person takes part in every movement."""

    wallet: Wallet
    everywhere: Caller


@asynccontextmanager
async def _all_books(bench: Bench) -> AsyncIterator[Mapping[int, _Books]]:
    """Books of every size of the plan, made through the ledger port."""
    async with AsyncExitStack() as stack:
        books = {}
        for entries in bench.plan.entries:
            wallet, _ = await stack.enter_async_context(bench.wallet(f"books_{entries}"))
            books[entries] = await _fill(wallet, entries, bench)
        yield books


async def _fill(wallet: Wallet, entries: int, bench: Bench) -> _Books:
    everywhere = await wallet.person(1)
    senders = range(1, bench.plan.accounts + 1)
    await fund(wallet.ports.ledger, senders)
    done = 0
    while done < entries:
        count = min(_POSTED_AT_ONCE, entries - done)
        postings = [movement(random.choice(senders), everywhere.person) for _ in range(count)]
        await post_all(wallet.ports.ledger, postings)
        done += count
        bench.say(f"making books of {entries:,} journal entries: {done:,}")
    return _Books(wallet, everywhere)


async def growth(bench: Bench) -> list[Row]:
    """The newest and the oldest page of somebody who takes part in every movement, and the time of a verification."""
    async with _all_books(bench) as books:
        return [*await _history(bench, books), *await _verify(bench, books)]


async def _history(bench: Bench, books: Mapping[int, _Books]) -> list[Row]:
    """Each size is compared with the smallest."""
    seconds: dict[tuple[str, int], list[float]] = {(which, size): [] for which in _PAGES for size in books}
    for number in range(1, bench.plan.rounds + 1):
        bench.say(f"history: round {number} of {bench.plan.rounds}")
        for which in _PAGES:
            for size, its in books.items():
                seconds[which, size].append(median([await _page(its, which) for _ in range(bench.plan.pages_each)]))
    smallest, *larger = books
    return [
        time_row(
            f"{which} page of {size:,} entries",
            f"{smallest:,} entries",
            seconds[which, size],
            seconds[which, smallest],
            at_most(1.3) if size == max(books) else None,
        )
        for which in _PAGES
        for size in larger
    ]


async def _page(books: _Books, which: str) -> float:
    """The only place that knows how pages are asked for."""
    start = time.perf_counter()
    page = await show_history(books.wallet.ports, books.everywhere, towards=_PAGES[which])
    seconds = time.perf_counter() - start
    if not page.rows:
        raise LookupError("the page is empty")
    return seconds


async def _verify(bench: Bench, books: Mapping[int, _Books]) -> list[Row]:
    """Each size is compared with the one before."""
    seconds: dict[int, list[float]] = {size: [] for size in books}
    for number in range(1, bench.plan.verify_rounds + 1):
        for size, its in books.items():
            bench.say(f"verify, {size:,} journal entries: round {number} of {bench.plan.verify_rounds}")
            seconds[size].append(await _verification(its, bench.say))
    return [
        time_row(
            f"wallet verify, {larger:,} entries",
            f"{smaller:,} entries",
            seconds[larger],
            seconds[smaller],
            at_most(12) if larger == max(books) else None,
        )
        for smaller, larger in pairwise(books)
    ]


async def _verification(books: _Books, say: Say) -> float:
    def progress(records: int) -> None:
        if records % _SAID_EVERY == 0:
            say(f"verify: {records:,} records")

    start = time.perf_counter()
    findings = await verify_books(books.wallet.ports, {}, progress)
    seconds = time.perf_counter() - start
    if findings.gaps:
        raise LookupError(f"the books are wrong: {findings.gaps[0]}")
    return seconds
