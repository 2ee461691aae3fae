"""Movements of a purchase: coins or dollars arrive, ITD is issued for them."""

from __future__ import annotations

from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries, nonzero
from wallet_core.domain.quote import coins_for


def _bought(to: Account, asset: Asset, *, coin_minor: int, itd_minor: int, fee_minor: int, rate_minor: int) -> Entries:
    """What arrived; what its ITD value needs goes through trading, the rest is rounding."""
    gross_minor = itd_minor + fee_minor
    traded_minor = min(coin_minor, coins_for(gross_minor, rate_minor, asset))
    return nonzero(
        debit(_arrives_in(asset), coin_minor),
        credit(Account(asset, "trading"), traded_minor),
        credit(Account(asset, "income:rounding"), coin_minor - traded_minor),
        debit(Account(Asset.ITD, "trading"), gross_minor),
        credit(to, itd_minor),
        credit(Account(Asset.ITD, "income:fees"), fee_minor),
    )


def _arrives_in(asset: Asset) -> Account:
    """Coins come to deposit addresses; dollars are owed to us by the card company until it pays them out."""
    return Account(asset, "clearing" if asset is Asset.USD else "deposits")


def purchase_credited(
    person: int, asset: Asset, *, coin_minor: int, itd_minor: int, fee_minor: int, rate_minor: int
) -> Entries:
    """A payment became final: the person has the ITD."""
    to = available(person)
    return _bought(to, asset, coin_minor=coin_minor, itd_minor=itd_minor, fee_minor=fee_minor, rate_minor=rate_minor)


def purchase_held(
    person: int, asset: Asset, *, coin_minor: int, itd_minor: int, fee_minor: int, rate_minor: int
) -> Entries:
    """A payment became final but is above the day's limit: the ITD is the person's and waits."""
    to = held(person)
    return _bought(to, asset, coin_minor=coin_minor, itd_minor=itd_minor, fee_minor=fee_minor, rate_minor=rate_minor)


def purchase_released(person: int, itd_minor: int) -> Entries:
    """What waited for a limit is free."""
    return (debit(held(person), itd_minor), credit(available(person), itd_minor))


def purchase_reversed(
    person: int,
    asset: Asset,
    *,
    coin_minor: int,
    itd_minor: int,
    fee_minor: int,
    rate_minor: int,
    held_minor: int,
    covered_minor: int,
) -> Entries:
    """A payment that had been credited left the chain: its ITD goes, held first, and what was spent is owed to us.

    Of ``itd_minor`` so much is held and so much is covered by what the person may spend.
    """
    gross_minor = itd_minor + fee_minor
    traded_minor = min(coin_minor, coins_for(gross_minor, rate_minor, asset))
    return nonzero(
        debit(held(person), held_minor),
        debit(available(person), covered_minor),
        debit(Account(Asset.ITD, "receivable"), itd_minor - held_minor - covered_minor),
        debit(Account(Asset.ITD, "income:fees"), fee_minor),
        credit(Account(Asset.ITD, "trading"), gross_minor),
        debit(Account(asset, "trading"), traded_minor),
        debit(Account(asset, "income:rounding"), coin_minor - traded_minor),
        credit(_arrives_in(asset), coin_minor),
    )


def purchase_refunded(
    person: int, asset: Asset, *, coin_minor: int, itd_minor: int, fee_minor: int, rate_minor: int
) -> Entries:
    """A purchase is undone at its own terms: coins leave from the hot wallet, dollars through the card company."""
    gross_minor = itd_minor + fee_minor
    traded_minor = min(coin_minor, coins_for(gross_minor, rate_minor, asset))
    return nonzero(
        debit(available(person), itd_minor),
        debit(Account(Asset.ITD, "income:fees"), fee_minor),
        credit(Account(Asset.ITD, "trading"), gross_minor),
        debit(Account(asset, "trading"), traded_minor),
        debit(Account(asset, "income:rounding"), coin_minor - traded_minor),
        credit(Account(asset, "clearing" if asset is Asset.USD else "hot"), coin_minor),
    )
