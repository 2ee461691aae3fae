"""Movements between people."""

from __future__ import annotations

from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.ledger import Entry, credit, debit
from wallet_core.domain.money import Asset

Entries = tuple[Entry, ...]


def sent(sender: int, recipient: int, amount_minor: int, fee_minor: int) -> Entries:
    """ITD from one person to another; the sender pays the fee on top."""
    return nonzero(
        debit(available(sender), amount_minor + fee_minor),
        credit(available(recipient), amount_minor),
        credit(Account(Asset.ITD, "income:fees"), fee_minor),
    )


def claimed(sender: int, recipient: int, amount_minor: int, fee_minor: int) -> Entries:
    """ITD that were held of the sender's until somebody could have them; with the fee that was held as well."""
    return nonzero(
        debit(held(sender), amount_minor + fee_minor),
        credit(available(recipient), amount_minor),
        credit(Account(Asset.ITD, "income:fees"), fee_minor),
    )


def nonzero(*entries: Entry) -> Entries:
    """The entries without those of nothing: a fee or a rounding may be zero."""
    return tuple(entry for entry in entries if entry.amount_minor)
