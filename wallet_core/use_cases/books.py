"""Reading one person's books: each reading looks at what it returns and at nothing before it, however long they are."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.accounts import Account, Side
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.journal import JournalRecord, place_of
from wallet_core.domain.statement import MOST_MOVEMENTS, Statement, accounts_of, after_minor, statement_of
from wallet_core.ports import Before, Between, Ports, Some, Store


def moved(*accounts: Account, sides: tuple[Side, ...] = tuple(Side)) -> Some:
    """The condition on a record's entries that one of them is on one of these accounts and sides.

    Sides are named even where both are meant: the index has them between account and place.
    """
    return Some({"account": tuple(account.id for account in accounts), "side": sides})


async def balance_before_minor(store: Store, account: Account, at: datetime) -> int:
    """What a person's account had just before a moment, in minor units: what the last record before it left."""
    where = {"entries": moved(account), "place": Before(place_of(at))}
    records = await store.find(JournalRecord, where, order_by=("-place",), limit=1)
    if not records:
        return 0
    minor = after_minor(records[0], account)
    if minor is None:
        raise InvariantViolated(f"{records[0].id} does not say what it left on {account.id}")
    return minor


async def read_statement(ports: Ports, person: int, start: datetime, end: datetime) -> Statement:
    """The statement of ``start <= time < end``, from one snapshot: its records and one before it for each account.

    Raises ``Refused`` BAD_RANGE, or RANGE_TOO_LONG with the most movements that one statement has.
    """
    if not start < end:
        raise Refused(Reason.BAD_RANGE, today=start.date())
    accounts = accounts_of(person)
    in_range = {"entries": moved(*accounts), "place": Between(place_of(start), place_of(end))}
    made_at = await ports.store.now()
    async with ports.store.snapshot() as store:
        opening = {account.name: await balance_before_minor(store, account, start) for account in accounts}
        records = await store.find(JournalRecord, in_range, order_by=("place",), limit=MOST_MOVEMENTS + 1)
    if len(records) > MOST_MOVEMENTS:
        raise Refused(Reason.RANGE_TOO_LONG, most=MOST_MOVEMENTS, start=start, end=end)
    return statement_of(person, start, end, opening, records, made_at=made_at)
