"""Movements of what no rule decides: coins that came in and lie aside until an admin decides."""

from __future__ import annotations

from wallet_core.domain.accounts import Account
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries, nonzero


def payment_set_aside(asset: Asset, coin_minor: int) -> Entries:
    """A payment became final and no rule says whose it is: it lies aside."""
    return (debit(Account(asset, "deposits"), coin_minor), credit(Account(asset, "suspense"), coin_minor))


def payment_taken_up(asset: Asset, coin_minor: int) -> Entries:
    """What lay aside does so no more: it is credited like any payment in the same posting, or it left the chain."""
    return (debit(Account(asset, "suspense"), coin_minor), credit(Account(asset, "deposits"), coin_minor))


def payment_refunded(asset: Asset, *, coin_minor: int, withheld_minor: int, network_fee_minor: int) -> Entries:
    """What lay aside left for good, less what was withheld for the network; the house bears what that took beyond."""
    return nonzero(
        debit(Account(asset, "suspense"), coin_minor + withheld_minor),
        credit(Account(asset, "hot"), coin_minor),
        credit(Account(asset, "expense:network"), withheld_minor),
        debit(Account(asset, "expense:network"), network_fee_minor),
        credit(Account(asset, "hot"), network_fee_minor),
    )
