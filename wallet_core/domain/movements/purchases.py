"""Movements of a purchase: coins arrive, ITD is issued for them."""

from __future__ import annotations

from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries, nonzero
from wallet_core.domain.quote import coins_for


def _bought(to: Account, asset: Asset, *, coin_minor: int, itd_minor: int, fee_minor: int, rate_minor: int) -> Entries:
    """Coins into the deposits; what their ITD value needs goes through trading, the rest is rounding."""
    gross_minor = itd_minor + fee_minor
    traded_minor = min(coin_minor, coins_for(gross_minor, rate_minor, asset))
    return nonzero(
        debit(Account(asset, "deposits"), coin_minor),
        credit(Account(asset, "trading"), traded_minor),
        credit(Account(asset, "income:rounding"), coin_minor - traded_minor),
        debit(Account(Asset.ITD, "trading"), gross_minor),
        credit(to, itd_minor),
        credit(Account(Asset.ITD, "income:fees"), fee_minor),
    )


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
