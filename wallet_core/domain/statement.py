"""A person's statement: what they had, every movement of their money in a range of time, and what they had then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.journal import JournalRecord

#: The most movements in one statement.
MOST_MOVEMENTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """What one movement did to one account: the change and the balance after it, in ITD minor units."""

    at: datetime
    kind: str
    account: str
    change_minor: int
    balance_minor: int
    reference: str
    txid: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """The range ``start <= time < end`` in database time. Balances in ITD minor units by the account's name."""

    person: int
    start: datetime
    end: datetime
    made_at: datetime
    opening_minor: Mapping[str, int]
    lines: tuple[Line, ...]
    closing_minor: Mapping[str, int]

    @property
    def movements(self) -> int:
        """How many records of the journal it shows."""
        return len({line.reference for line in self.lines})

    @property
    def opening_total_minor(self) -> int:
        """Available and held together at the start."""
        return sum(self.opening_minor.values())

    @property
    def closing_total_minor(self) -> int:
        """Available and held together at the end."""
        return sum(self.closing_minor.values())


def accounts_of(person: int) -> tuple[Account, ...]:
    """The accounts that a statement shows."""
    return available(person), held(person)


def change_minor(record: JournalRecord, account: Account) -> int:
    """By how much a record changed a balance, in minor units."""
    entries = (entry for entry in record.entries if entry.account == account.id)
    return sum(entry.amount_minor if entry.side is account.grows_on else -entry.amount_minor for entry in entries)


def after_minor(record: JournalRecord, account: Account) -> int | None:
    """The balance that a record left on a person's account, in minor units; None where it did not change it."""
    return next((entry.after_minor for entry in record.entries if entry.account == account.id), None)


def statement_of(
    person: int,
    start: datetime,
    end: datetime,
    opening: Mapping[str, int],
    records: Iterable[JournalRecord],
    *,
    made_at: datetime,
) -> Statement:
    """The statement of a range's records, which come in their order.

    Raises ``InvariantViolated`` where a balance is not the one before it and the change: so the closing balance is the
    opening balance and the sum of all changes.
    """
    balances = dict(opening)
    lines: list[Line] = []
    for record in records:
        for line in _lines(record, person):
            balances[line.account] += line.change_minor
            if balances[line.account] != line.balance_minor:
                raise InvariantViolated(
                    f"{line.reference} leaves another balance on {line.account} than the books add up to"
                )
            lines.append(line)
    return Statement(person, start, end, made_at, dict(opening), tuple(lines), balances)


def _lines(record: JournalRecord, person: int) -> Iterator[Line]:
    for account in accounts_of(person):
        after = after_minor(record, account)
        if after is not None:
            change, txid = change_minor(record, account), record.facts.get("txid")
            yield Line(record.at, record.kind, account.name, change, after, record.id, txid)
