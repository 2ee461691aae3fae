"""The chart of accounts: what the books distinguish, in every asset. ``docs/ledger.md`` explains each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final

from wallet_core.domain.money import Asset


class Side(StrEnum):
    """The two sides of the books."""

    DEBIT = "debit"
    CREDIT = "credit"


#: The platform's own accounts and the side on which each grows.
PLATFORM_ACCOUNTS: Final = {
    "trading": Side.CREDIT,
    "hot": Side.DEBIT,
    "cold": Side.DEBIT,
    "deposits": Side.DEBIT,
    "transit": Side.DEBIT,
    "clearing": Side.DEBIT,
    "receivable": Side.DEBIT,
    "suspense": Side.CREDIT,
    "equity": Side.CREDIT,
    "income:fees": Side.CREDIT,
    "income:rounding": Side.CREDIT,
    "expense:network": Side.DEBIT,
    "expense:claims": Side.DEBIT,
}
#: The accounts of one person, kept as ``person:<id>:<name>``. What we owe to a person can never be below zero.
PERSON_ACCOUNTS: Final = {"available": Side.CREDIT, "held": Side.CREDIT}


@dataclass(frozen=True, slots=True)
class Account:
    """One account in one asset: a platform account by its name, or a person's."""

    asset: Asset
    name: str
    person: int | None = None
    #: Its name in the books: ``ETH:hot``, ``ITD:person:42:available``.
    id: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        middle = "" if self.person is None else f"person:{self.person}:"
        object.__setattr__(self, "id", f"{self.asset}:{middle}{self.name}")

    @property
    def grows_on(self) -> Side:
        """The side whose entries raise the balance."""
        return (PLATFORM_ACCOUNTS if self.person is None else PERSON_ACCOUNTS)[self.name]


@cache
def house(asset: Asset, name: str) -> Account:
    """A platform account; made once, because every movement has some."""
    return Account(asset, name)


def available(person: int) -> Account:
    """What the person may spend, in ITD."""
    return Account(Asset.ITD, "available", person)


def held(person: int) -> Account:
    """What is set aside of the person's money until it is settled or given back, in ITD."""
    return Account(Asset.ITD, "held", person)


def asset_of(account_id: str) -> Asset:
    """The asset of an account's name in the books."""
    return Asset(account_id.partition(":")[0])


def grows_on(account_id: str) -> Side:
    """The side on which an account grows, by its name in the books. Raises ``KeyError`` for one not in the chart."""
    name = account_id.partition(":")[2]
    return PERSON_ACCOUNTS[name.rpartition(":")[2]] if name.startswith("person:") else PLATFORM_ACCOUNTS[name]
