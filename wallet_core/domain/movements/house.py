"""Movements of the house's own coins: between its wallets, and what nobody has explained yet."""

from __future__ import annotations

from wallet_core.domain.accounts import Account
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries, nonzero


def hot_wallet_funded(asset: Asset, coin_minor: int) -> Entries:
    """The house put coins of its own into the hot wallet."""
    return (debit(Account(asset, "hot"), coin_minor), credit(Account(asset, "equity"), coin_minor))


def deposit_swept(asset: Asset, coin_minor: int) -> Entries:
    """Coins left a deposit address on their way to the hot wallet."""
    return (debit(Account(asset, "transit"), coin_minor), credit(Account(asset, "deposits"), coin_minor))


def sweep_arrived(asset: Asset, coin_minor: int, network_fee_minor: int) -> Entries:
    """What was swept is in the hot wallet, less what the network took of it."""
    return _arrived(asset, "hot", coin_minor, network_fee_minor)


def sweep_stored(asset: Asset, coin_minor: int, network_fee_minor: int) -> Entries:
    """What was swept is in the cold wallet, less what the network took of it."""
    return _arrived(asset, "cold", coin_minor, network_fee_minor)


def _arrived(asset: Asset, target: str, coin_minor: int, network_fee_minor: int) -> Entries:
    return nonzero(
        debit(Account(asset, target), coin_minor - network_fee_minor),
        debit(Account(asset, "expense:network"), network_fee_minor),
        credit(Account(asset, "transit"), coin_minor),
    )


def moved_to_cold(asset: Asset, coin_minor: int, network_fee_minor: int) -> Entries:
    """The hot wallet had more than it should; the fee is on top."""
    return _between(asset, "hot", "cold", coin_minor, network_fee_minor)


def moved_to_hot(asset: Asset, coin_minor: int, network_fee_minor: int) -> Entries:
    """The hot wallet was filled from the cold one; the fee is on top."""
    return _between(asset, "cold", "hot", coin_minor, network_fee_minor)


def _between(asset: Asset, source: str, target: str, coin_minor: int, network_fee_minor: int) -> Entries:
    return nonzero(
        debit(Account(asset, target), coin_minor),
        debit(Account(asset, "expense:network"), network_fee_minor),
        credit(Account(asset, source), coin_minor + network_fee_minor),
    )


def unexplained_received(asset: Asset, coin_minor: int) -> Entries:
    """Coins came to the hot wallet and nobody knows yet from whom or what for."""
    return (debit(Account(asset, "hot"), coin_minor), credit(Account(asset, "suspense"), coin_minor))


def unexplained_kept(asset: Asset, coin_minor: int) -> Entries:
    """What nobody claimed is the house's."""
    return (debit(Account(asset, "suspense"), coin_minor), credit(Account(asset, "equity"), coin_minor))
