"""Every movement with arguments at random, as postings."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, Final

from wallet_core.domain import movements
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries

ITD: Final = 10**6
#: Few people, so that all meet on the same accounts.
PEOPLE: Final = range(1, 7)
_MOST_MINOR: Final = 40 * ITD


def _person(chance: Random) -> int:
    return chance.choice(PEOPLE)


def _minor(chance: Random) -> int:
    return chance.randint(2 * ITD, _MOST_MINOR)


def _part(chance: Random) -> int:
    """Of an amount, of which two fit into it; it may be nothing."""
    return chance.choice((0, 1, ITD))


#: What a movement takes, by the names of its parameters: a new name must be added here.
ARGUMENTS: Final[dict[str, Callable[[Random], Any]]] = {
    "person": _person,
    "sender": _person,
    "recipient": _person,
    "asset": lambda chance: chance.choice((Asset.BTC, Asset.LTC, Asset.ETH, Asset.USD)),
    "amount_minor": _minor,
    "total_minor": _minor,
    "itd_minor": _minor,
    "coin_minor": _minor,
    "usd_minor": _minor,
    "fee_minor": _part,
    "kept_minor": _part,
    "covered_minor": _part,
    "held_minor": _part,
    "withheld_minor": _part,
    "network_fee_minor": _part,
    "booked_minor": _part,
    "paid_minor": _part,
    "rate_minor": lambda chance: chance.choice((1, 10**6, 10**11)),
}


def sample(kind: str, chance: Random) -> Entries:
    """The entries of the movement of this name."""
    movement = getattr(movements, kind)
    entries: Entries = movement(**{name: ARGUMENTS[name](chance) for name in inspect.signature(movement).parameters})
    return entries


class Postings:
    """Makes postings with keys that nobody has used, and others with keys that somebody has."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def movement(self, chance: Random, kind: str | None = None) -> Posting:
        """Any movement, whether it is covered or not; one in four tells somebody."""
        kind = kind or chance.choice(movements.__all__)
        return self.of(kind, sample(kind, chance), messages=(Message(1, "sent"),) * (chance.random() < 0.25))

    def of(self, kind: str, entries: Entries = (), **parts: Any) -> Posting:
        """A posting of these entries."""
        number = next(self._numbers)
        people = tuple({entry.account.person for entry in entries if entry.account.person is not None})
        return Posting(
            f"{kind}:{number}", kind, "test", entries=entries, people=people, facts={"number": number}, **parts
        )

    def uncovered(self, chance: Random, owed_minor: Callable[[Account], int]) -> Posting:
        """More than the sender has, by a unit or by much."""
        sender, recipient = chance.sample(PEOPLE, 2)
        too_much_minor = owed_minor(available(sender)) + chance.choice((1, _MOST_MINOR))
        return self.of("sent", movements.sent(sender, recipient, too_much_minor, 0))

    @staticmethod
    def with_other_content(chance: Random, posting: Posting) -> Posting:
        """The same key with another kind, other facts or other entries."""
        return chance.choice(
            (
                replace(posting, kind=posting.kind + "!"),
                replace(posting, facts={**posting.facts, "number": -1}),
                replace(posting, entries=movements.hot_wallet_funded(Asset.ETH, _MOST_MINOR + 1)),
            )
        )
