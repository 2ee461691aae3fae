"""Movements of what is lost by card: what a person owes us, because it was spent already, and what the house bears."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.accounts import Account, available
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries, nonzero

_CLEARING: Final = Account(Asset.USD, "clearing")


def receivable_repaid(person: int, itd_minor: int) -> Entries:
    """The person paid back of what they owed."""
    return (debit(available(person), itd_minor), credit(Account(Asset.ITD, "receivable"), itd_minor))


def loss_borne(usd_minor: int) -> Entries:
    """The card company took more for a payment than was ever paid: nobody but the house can bear it."""
    return nonzero(debit(Account(Asset.USD, "expense:claims"), usd_minor), credit(_CLEARING, usd_minor))


def loss_recovered(usd_minor: int) -> Entries:
    """The claim that had taken it was given up, or takes what was paid after all."""
    return nonzero(debit(_CLEARING, usd_minor), credit(Account(Asset.USD, "expense:claims"), usd_minor))
