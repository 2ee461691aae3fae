"""A mass movement through ``post_many`` against plain documents through ``insert_many``."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

from tests.benchmarks.bench import Bench
from tests.benchmarks.load import fund, movement, new_key, post_all
from tests.benchmarks.results import Row, at_most, time_row
from wallet_core.domain.record import Document
from wallet_core.ports import Ledger

_PAYER = 0


async def post_many(bench: Bench) -> list[Row]:
    """One person pays very many, who all have an account already."""
    count = bench.plan.recipients
    ours, theirs = [], []
    async with bench.wallet("post_many") as (wallet, database):
        await fund(wallet.ports.ledger, (_PAYER,))
        await _pay_all(wallet.ports.ledger, count)
        for number in range(1, bench.plan.rounds + 1):
            bench.say(f"post_many: round {number} of {bench.plan.rounds}")
            theirs.append(await _insert_all(database, count))
            ours.append(await _pay_all(wallet.ports.ledger, count))
    what = f"post_many to {count:,} recipients"
    return [time_row(what, "insert_many, plain", ours, theirs, at_most(8))]


async def _pay_all(ledger: Ledger, count: int) -> float:
    postings = [movement(_PAYER, recipient) for recipient in range(1, count + 1)]
    start = time.perf_counter()
    await post_all(ledger, postings)
    return time.perf_counter() - start


async def _insert_all(database: AsyncDatabase[Document], count: int) -> float:
    plain = database.get_collection("plain", write_concern=WriteConcern(w="majority", j=True))
    now = datetime.now(UTC)
    documents = [
        {"_id": new_key("plain"), "sender": _PAYER, "recipient": recipient, "amount_minor": 1, "at": now}
        for recipient in range(1, count + 1)
    ]
    start = time.perf_counter()
    await plain.insert_many(documents)
    return time.perf_counter() - start
