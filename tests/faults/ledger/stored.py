"""The books as they stand in the database, read past the product's own ports."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from wallet_core.adapters.mongo.codec import decode

Document = dict[str, Any]
Database = AsyncDatabase[Document]
#: What a read sees that must not be rolled back by a failover.
_MAJORITY = ReadConcern("majority")
_POLL_SECONDS = 0.01
_POLLS = 3_000


async def stored_balances(database: Database) -> dict[str, int]:
    """What each account has, all its stripes together; those of nothing are left out."""
    balances: Counter[str] = Counter()
    async for stripe in database.get_collection("accounts", read_concern=_MAJORITY).find():
        balances[stripe["account"]] += decode(stripe["balance_minor"])
    return {account: minor for account, minor in balances.items() if minor}


async def stored_journal(database: Database, keys: Iterable[str] | None = None) -> dict[str, Document]:
    """The records of these keys, or all of them."""
    where = {} if keys is None else {"_id": {"$in": list(keys)}}
    found = database.get_collection("journal", read_concern=_MAJORITY).find(where)
    return {record["_id"]: decode(record) async for record in found}


def wrong_in_journal(records: Iterable[Document]) -> list[str]:
    """Assets whose debits are not their credits, and people who were below zero or not as the journal says."""
    ordered = sorted(records, key=lambda record: int(record["place"]))
    sums: Counter[str] = Counter()
    owed: defaultdict[str, int] = defaultdict(int)
    wrong = []
    for record in ordered:
        for entry in record["entries"]:
            signed = entry["amount_minor"] if entry["side"] == "debit" else -entry["amount_minor"]
            sums[entry["account"].partition(":")[0]] += signed
            owed[entry["account"]] -= signed
        for entry in record["entries"]:
            minor = owed[entry["account"]]
            if ":person:" in entry["account"] and (minor < 0 or entry["after_minor"] not in (minor, None)):
                wrong.append(f"{record['_id']} leaves {minor} at {entry['account']}, not {entry['after_minor']}")
    return wrong + [f"{asset} sums to {minor}" for asset, minor in sums.items() if minor]


async def open_transactions(database: Database, *, end: bool = False) -> None:
    """Waits until no transaction is open on the server; those of dead clients are ended, as time would do."""
    if end:
        await database.client.admin.command("killAllSessions", [])
    for _ in range(_POLLS):
        if not (await database.client.admin.command("serverStatus"))["transactions"]["currentOpen"]:
            break
        await asyncio.sleep(_POLL_SECONDS)
    else:
        raise TimeoutError("a transaction stays open")
    # What was committed before this note is on a majority when the note is, and seen by the reads above.
    await database.client.admin.command("appendOplogNote", 1, data={}, writeConcern={"w": "majority"})
