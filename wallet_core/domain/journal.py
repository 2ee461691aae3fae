"""The journal: what is kept of every accepted posting, for ever, and what makes a later change of it visible.

Postings are committed in groups. Each leaves a ``GroupRecord`` with an authentication code over its records, under the
next number of the process that wrote it; ``domain/seal`` chains the groups of all processes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.accounts import Account, Side
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.kyc import GiveBackLimit, Operation, TakeLimit
from wallet_core.domain.ledger import Balance, Posting, Receipt, balance_id, digest_of
from wallet_core.domain.record import Document, Record, Target

_LIMIT_FIELDS: Final = ("person", "operation", "day", "count", "amount_minor")
#: The most postings in one group.
GROUP_SIZE: Final = 1_024


class EntryRecord(BaseModel):
    """An entry as the journal keeps it; ``after_minor`` is a person's balance after the whole posting."""

    model_config = ConfigDict(frozen=True)

    account: str
    side: Side
    amount_minor: int
    after_minor: int | None = None


class LimitRecord(BaseModel):
    """What a posting took out of a person's limit of a day; negative where it gave back."""

    model_config = ConfigDict(frozen=True)

    person: int
    operation: Operation
    day: str
    count: int
    amount_minor: int


class JournalRecord(Record):
    """One line of the journal: a ledger transaction, or an audit record where no money moved. Never changed."""

    collection: ClassVar[str] = "journal"

    #: The idempotency key.
    id: str
    kind: str
    by: str
    at: datetime
    #: The group that it was committed in.
    group: str
    #: Orders the records of every account; see ``place_of``.
    place: int
    #: SHA-256 of what the key stands for: kind, entries and facts.
    digest: str
    people: tuple[int, ...]
    entries: tuple[EntryRecord, ...]
    limits: tuple[LimitRecord, ...] = ()
    facts: dict[str, Any]


class GroupRecord(Record):
    """The postings of one database transaction. ``id`` is ``<writer>:<number>``; a writer's numbers have no gap."""

    collection: ClassVar[str] = "groups"

    id: str
    writer: str
    number: int
    at: datetime
    #: The keys of its records in their order.
    keys: tuple[str, ...]
    #: HMAC-SHA256 over everything that its records say. The key is outside the database.
    mac: str
    #: The number of the seal that chains it; 0 while it waits for one.
    seal: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a posting is to stand: its group, how many stand before it there, and the group's time."""

    group: str
    order: int
    at: datetime


def group_id(writer: str, number: int) -> str:
    """The name of a writer's group."""
    return f"{writer}:{number}"


def place_of(at: datetime, order: int = 0) -> int:
    """One number for a time and an order within it; a later group on the same account has a later time (``time_of``).

    It is below 2**53 until the year 2248, so every program that reads JSON reads it exactly.
    """
    return milliseconds(at) * GROUP_SIZE + order


def journal_document(posting: Posting, after: Mapping[Target, Document], slot: Slot) -> Document:
    """What the journal keeps of an accepted posting; ``after`` are the documents that it left.

    Made without ``JournalRecord``, because every movement passes here.
    """
    return {
        "_id": posting.key,
        "kind": posting.kind,
        "by": posting.by,
        "at": slot.at,
        "group": slot.group,
        "place": place_of(slot.at, slot.order),
        "digest": posting.digest(),
        "people": _people(posting),
        "entries": [
            {
                "account": entry.account.id,
                "side": entry.side.value,
                "amount_minor": entry.amount_minor,
                "after_minor": _after_minor(entry.account, after),
            }
            for entry in posting.entries
        ],
        "limits": [_limit(change) for change in posting.changes if isinstance(change, TakeLimit | GiveBackLimit)],
        "facts": dict(posting.facts),
    }


def _people(posting: Posting) -> list[int]:
    """Those whom the posting names, and everybody whose money it moved."""
    moved = (entry.account.person for entry in posting.entries if entry.account.person is not None)
    return list(dict.fromkeys((*posting.people, *moved)))


def _after_minor(account: Account, after: Mapping[Target, Document]) -> int | None:
    """None for the platform's accounts: of those a process knows its own stripe only."""
    document = None if account.person is None else after.get(Target(Balance.collection, balance_id(account)))
    return None if document is None else document["balance_minor"]


def _limit(change: TakeLimit | GiveBackLimit) -> Document:
    sign = 1 if isinstance(change, TakeLimit) else -1
    return {
        "person": change.person,
        "operation": change.operation.value,
        "day": change.day,
        "count": sign * change.counts,
        "amount_minor": sign * change.amount_minor,
    }


def replayed(posting: Posting, first: JournalRecord) -> Receipt:
    """The first result of a key. Raises ``InvariantViolated`` when the key stood for other content."""
    if first.digest != posting.digest():
        raise InvariantViolated(f"the key {posting.key} was used with other content")
    return Receipt(first.id, first.at, first.facts, replayed=True)


def is_changed(record: Document) -> bool:
    """Whether a record's digest is not the digest of what it says."""
    entries = [(entry["account"], entry["side"], entry["amount_minor"]) for entry in record["entries"]]
    return bool(digest_of(record["kind"], entries, record["facts"]) != record["digest"])


def fingerprint(record: Document) -> list[Any]:
    """All that a stored record says, in JSON's types. Kind, entries and facts are in its digest; see ``is_changed``."""
    return [
        record["_id"],
        record["by"],
        milliseconds(record["at"]),
        record["group"],
        record["place"],
        record["digest"],
        list(record["people"]),
        [entry["after_minor"] for entry in record["entries"]],
        [[limit[name] for name in _LIMIT_FIELDS] for limit in record["limits"]],
    ]


def group_terms(group: str, at: datetime, fingerprints: Sequence[list[Any]]) -> bytes:
    """What a group's authentication code covers: its name, its time, and its records in their order."""
    return json.dumps([group, milliseconds(at), list(fingerprints)]).encode()


def milliseconds(at: datetime) -> int:
    """As MongoDB keeps times."""
    return int(at.timestamp() * 1_000)
