"""What the books must say, kept in plain dicts: the ledger on MongoDB is compared with this after every step."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wallet_core.domain.accounts import Account, Side
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Posting, Receipt


class Answer(StrEnum):
    """What came of a posting."""

    ACCEPTED = "accepted"
    REPLAYED = "replayed"
    REFUSED = "refused"
    CLASHED = "clashed"
    #: Nothing that a sound ledger on a sound database says.
    WRONG = "wrong"


@dataclass
class Model:
    """Balances as debits less credits, and the posting that used each key."""

    net: defaultdict[Account, int] = field(default_factory=lambda: defaultdict(int))
    posted: dict[str, Posting] = field(default_factory=dict)

    def post(self, posting: Posting) -> Answer:
        """What a ledger must answer that has heard of everything so far."""
        if posting.key in self.posted:
            return Answer.REPLAYED if same_content(posting, self.posted[posting.key]) else Answer.CLASHED
        after = {entry.account: self.net[entry.account] for entry in posting.entries}
        for entry in posting.entries:
            after[entry.account] += entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
        if any(account.person is not None and minor > 0 for account, minor in after.items()):
            return Answer.REFUSED
        self.net.update(after)
        self.posted[posting.key] = posting
        return Answer.ACCEPTED

    def force(self, posting: Posting) -> None:
        """Books what the ledger has accepted, in whatever order it did."""
        for entry in posting.entries:
            self.net[entry.account] += entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
        self.posted[posting.key] = posting

    def balances(self) -> dict[str, int]:
        """What each account has, on the side on which it grows; those of nothing are left out."""
        signed = {a.id: minor if a.grows_on is Side.DEBIT else -minor for a, minor in self.net.items()}
        return {account: minor for account, minor in signed.items() if minor}

    def owed(self, account: Account) -> int:
        """What a person's account has."""
        return -self.net[account]


def same_content(one: Posting, other: Posting) -> bool:
    """Whether a key may stand for both."""
    return (one.kind, one.entries, dict(one.facts)) == (other.kind, other.entries, dict(other.facts))


def answer_of(outcome: Any) -> Answer:
    """What the ledger said."""
    match outcome:
        case Receipt():
            return Answer.REPLAYED if outcome.replayed else Answer.ACCEPTED
        case Refused(reason=Reason.INSUFFICIENT_FUNDS):
            return Answer.REFUSED
        case InvariantViolated() if "other content" in str(outcome):
            return Answer.CLASHED
    return Answer.WRONG
