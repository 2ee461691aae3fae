"""What differs between chains that count nonces and chains of coins. The steps are the same for both.

A family says what a batch may use, gives it a nonce or coins, plans its transactions, and tells whether somebody else
used what was ours.
"""

from __future__ import annotations

from typing import Final

from payout_worker.families.bitcoin_like import BitcoinLike
from payout_worker.families.ethereum import Ethereum
from payout_worker.families.family import Allotted, Family, Plan, Refusing, Room
from wallet_core.domain.money import Asset

_FAMILIES: Final[dict[Asset, Family]] = {
    Asset.ETH: Ethereum(),
    # Litecoin Core takes no replacement by default (its option ``-mempoolreplacement``).
    Asset.LTC: BitcoinLike(replaces=False),
    Asset.BTC: BitcoinLike(replaces=True),
}


def family_of(asset: Asset) -> Family:
    """How this asset's chain works."""
    return _FAMILIES[asset]


__all__ = ["Allotted", "Family", "Plan", "Refusing", "Room", "family_of"]
