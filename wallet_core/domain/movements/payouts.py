"""Movements of a withdrawal: ITD is held, then taken back for coins that left, or given back."""

from __future__ import annotations

from wallet_core.domain.accounts import available, held, house
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries, nonzero
from wallet_core.domain.quote import itd_worth


def withdrawal_held(person: int, total_minor: int) -> Entries:
    """The amount and its fee are set aside until the payout is settled or voided."""
    return (debit(available(person), total_minor), credit(held(person), total_minor))


def withdrawal_voided(person: int, total_minor: int) -> Entries:
    """The hold ends without a payout: refused or cancelled."""
    return (debit(held(person), total_minor), credit(available(person), total_minor))


def withdrawal_returned(person: int, total_minor: int, kept_minor: int) -> Entries:
    """The hold ends because the payout could not be made; the fee of one that burned gas is kept."""
    return nonzero(
        debit(held(person), total_minor),
        credit(available(person), total_minor - kept_minor),
        credit(house(Asset.ITD, "income:fees"), kept_minor),
    )


def withdrawal_settled(
    person: int,
    asset: Asset,
    *,
    coin_minor: int,
    itd_minor: int,
    fee_minor: int,
    rate_minor: int,
    network_fee_minor: int,
) -> Entries:
    """The coins left for good. The person paid the quoted fee; the house bears the network's cost, in the coin."""
    traded_minor = min(itd_minor, itd_worth(coin_minor, rate_minor, asset))
    return nonzero(
        debit(held(person), itd_minor + fee_minor),
        credit(house(Asset.ITD, "trading"), traded_minor),
        credit(house(Asset.ITD, "income:rounding"), itd_minor - traded_minor),
        credit(house(Asset.ITD, "income:fees"), fee_minor),
        debit(house(asset, "trading"), coin_minor),
        credit(house(asset, "hot"), coin_minor),
        *network_fee_paid(asset, network_fee_minor),
    )


def network_fee_paid(asset: Asset, network_fee_minor: int) -> Entries:
    """A transaction's cost that no payout bears: it paid nobody, or it made another one worth mining."""
    return nonzero(
        debit(house(asset, "expense:network"), network_fee_minor),
        credit(house(asset, "hot"), network_fee_minor),
    )


def network_fee_corrected(asset: Asset, booked_minor: int, paid_minor: int) -> Entries:
    """Another attempt of a batch is in the chain than the one whose fee was booked, or more of them are."""
    if paid_minor >= booked_minor:
        return network_fee_paid(asset, paid_minor - booked_minor)
    return nonzero(
        debit(house(asset, "hot"), booked_minor - paid_minor),
        credit(house(asset, "expense:network"), booked_minor - paid_minor),
    )
