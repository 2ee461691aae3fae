"""Movements that only card money knows: it can be taken back after the ITD was spent."""

from __future__ import annotations

from wallet_core.domain.accounts import Account, available
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries, nonzero


def purchase_disputed(person: int, *, usd_minor: int, itd_minor: int, covered_minor: int) -> Entries:
    """The card company took a payment back: the ITD of it that is still there goes, the rest the person owes us."""
    return nonzero(
        debit(available(person), covered_minor),
        debit(Account(Asset.ITD, "receivable"), itd_minor - covered_minor),
        credit(Account(Asset.ITD, "trading"), itd_minor),
        debit(Account(Asset.USD, "trading"), usd_minor),
        credit(Account(Asset.USD, "clearing"), usd_minor),
    )


def receivable_repaid(person: int, itd_minor: int) -> Entries:
    """The person paid back of what they owed after a dispute."""
    return (debit(available(person), itd_minor), credit(Account(Asset.ITD, "receivable"), itd_minor))
