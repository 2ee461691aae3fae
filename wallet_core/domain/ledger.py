"""Double entry: what a posting is, and the pure decision whether it is accepted.

A ``Posting`` is everything that must become true together, as data: balanced entries, guards and effects on documents,
messages. The adapter reads every document that the posting touches, calls ``decide``, and writes back what it returns.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from wallet_core.domain.accounts import Account, Side
from wallet_core.domain.chat import OutboxMessage, OutboxState
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.mode import WhileOpen
from wallet_core.domain.money import MAX_MINOR, Asset
from wallet_core.domain.record import Change, Document, Record, Target

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, default=str)
#: Times are kept in milliseconds, so this is the next moment.
_TICK: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger transaction; the amount is positive, in minor units of the account's asset."""

    account: Account
    side: Side
    amount_minor: int

    @property
    def delta_minor(self) -> int:
        """By how much the account's balance changes."""
        return self.amount_minor if self.side is self.account.grows_on else -self.amount_minor


def debit(account: Account, amount_minor: int) -> Entry:
    """A debit entry."""
    return Entry(account, Side.DEBIT, amount_minor)


def credit(account: Account, amount_minor: int) -> Entry:
    """A credit entry."""
    return Entry(account, Side.CREDIT, amount_minor)


@dataclass(frozen=True, slots=True)
class Message:
    """A message about money or security, sent by the bot after the posting is committed.

    ``thread`` names the chat message that this one edits in place; without it a new message is sent. ``facts`` feed the
    template; ``sealed`` holds a secret for the person's eyes, encrypted by the vault and erased once it was sent.
    """

    person: int
    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    thread: str | None = None
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """Everything that becomes true together, or not at all.

    ``key`` is kept for ever: the same key with the same content (kind, entries, facts) answers with the first result,
    with other content it is refused. ``people`` are those whose history shows it.
    """

    key: str
    kind: str
    by: str
    entries: tuple[Entry, ...] = ()
    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()
    people: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def digest(self) -> str:
        """SHA-256 of what the key stands for."""
        return digest_of(self.kind, [(e.account.id, e.side, e.amount_minor) for e in self.entries], self.facts)


def digest_of(kind: str, entries: Sequence[tuple[str, Side, int]], facts: Mapping[str, Any]) -> str:
    """SHA-256 of a record's kind, its entries (account, side, minor units) and its facts."""
    content = _CANONICAL.encode([kind, entries, dict(facts)])
    return hashlib.sha256(content.encode()).hexdigest()


class Balance(Record):
    """What the entries of one account add up to: a cache that ``wallet verify`` recomputes.

    A person's account is one document, whose guards refuse. The platform's accounts are striped: each process adds to a
    document of its own, ``<account>#<stripe>``, so that everybody's fees meet in none; their sum is the balance.
    """

    collection: ClassVar[str] = "accounts"

    id: str
    account: str
    balance_minor: int
    #: When an entry was last made; the next one is made later.
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an accepted posting; ``replayed`` when its key had been posted before."""

    key: str
    at: datetime
    facts: Mapping[str, Any]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class ChangeBalance:
    """Adds to an account's balance, and refuses to take a person's below zero."""

    account: Account
    delta_minor: int
    stripe: int = 0
    #: The account's balance, or the stripe of it that this process writes.
    target: Target = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", Target(Balance.collection, balance_id(self.account, self.stripe)))

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The new balance. Raises ``Refused(INSUFFICIENT_FUNDS)`` with what is there."""
        before: int = document["balance_minor"] if document else 0
        after = before + self.delta_minor
        if after < 0 and self.account.person is not None:
            raise Refused(Reason.INSUFFICIENT_FUNDS, available_minor=before, needed_minor=-self.delta_minor)
        if abs(after) > MAX_MINOR:
            raise InvariantViolated(f"balance out of range: {self.account.id}")
        account = self.account.id
        return {"_id": self.target.id, "account": account, "balance_minor": after, "at": now}


def balance_id(account: Account, stripe: int = 0) -> str:
    """The document in which an account's balance, or one stripe of a platform account's, is kept."""
    return account.id if account.person is not None else f"{account.id}#{stripe}"


def check_balanced(posting: Posting) -> None:
    """Raises ``InvariantViolated`` unless debits equal credits in every asset and every amount is positive."""
    sums: dict[Asset, int] = defaultdict(int)
    for entry in posting.entries:
        if not 0 < entry.amount_minor <= MAX_MINOR:
            raise InvariantViolated(f"amount out of range in {posting.key}")
        sums[entry.account.asset] += entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
    if any(sums.values()):
        raise InvariantViolated(f"unbalanced posting {posting.key}: {dict(sums)}")


def all_changes(posting: Posting, stripe: int = 0) -> tuple[Change, ...]:
    """The posting's guards and effects in the order in which they are decided: its own, balances, messages."""
    accounts = {entry.account.id: entry.account for entry in posting.entries}
    deltas = dict.fromkeys(accounts, 0)
    for entry in posting.entries:
        deltas[entry.account.id] += entry.delta_minor
    balances = (ChangeBalance(accounts[name], delta, stripe) for name, delta in deltas.items() if delta)
    messages = (Send(posting.key, message, order) for order, message in enumerate(posting.messages))
    return (*posting.changes, *balances, *messages)


@dataclass(frozen=True, slots=True)
class Send:
    """Adds what the bot owes to a person: the outbox message of a posting's ``order``-th message."""

    posting: str
    message: Message
    order: int
    target: Target = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", Target(OutboxMessage.collection, f"{self.posting}#{self.order}"))

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The new message. Raises ``Refused(CHANGED_MEANWHILE)`` when it is there.

        Made without ``OutboxMessage``, because thousands at once pass here.
        """
        if document is not None:
            raise Refused(Reason.CHANGED_MEANWHILE, what=OutboxMessage.collection)
        return {
            "_id": self.target.id,
            "state": OutboxState.WAITING,
            "person": self.message.person,
            "template": self.message.template,
            "facts": dict(self.message.facts),
            "thread": self.message.thread,
            "sealed": self.message.sealed,
            "at": now,
            "order": self.order,
            "claimed_until": None,
        }


def decide(
    changes: Iterable[Change], documents: Mapping[Target, Document | None], now: datetime, at: datetime
) -> dict[Target, Document]:
    """The touched documents as they are after the changes. Pure: raises ``Refused`` and changes nothing.

    ``now`` is the database's time, by which guards decide; ``at`` the time under which it is booked; see ``time_of``.
    """
    after: dict[Target, Document] = {}
    for change in changes:
        target = change.target
        before = after.get(target) or documents[target]
        changed = change.apply(before, at if target.collection == Balance.collection else now)
        # All others are written although they changed nothing, so that they conflict with a rival: see ``WhileOpen``.
        if not isinstance(change, WhileOpen):
            after[target] = changed
    return after


def time_of(documents: Mapping[Target, Document | None], now: datetime) -> datetime:
    """The time to book under: the database's, and later than what stands on the same accounts.

    So an account's records stand in the order of their times, also when the database's clock was set back or two
    processes read it in another order than they committed in. Nothing is decided by it: a clock that once was an hour
    ahead makes times wrong until it is that late, and refuses nobody.
    """
    latest = max((d["at"] for t, d in documents.items() if d and t.collection == Balance.collection), default=None)
    return now if latest is None or latest < now else latest + _TICK
