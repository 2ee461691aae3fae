"""The networks of Bitcoin and Litecoin: what tells one chain from another, and how each writes its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.money import Asset


@dataclass(frozen=True, slots=True)
class Network:
    """One chain of the Bitcoin family. From the ``chainparams.cpp`` of Bitcoin Core and of Litecoin Core.

    ``hrp`` begins its segwit addresses (BIP 173); ``p2pkh`` and ``p2sh`` are the version bytes of its older ones;
    ``coin_type`` is its place in derivation paths (SLIP 44); ``scheme`` begins its payment URIs (BIP 21).
    """

    asset: Asset
    name: str
    genesis: str
    hrp: str
    p2pkh: int
    p2sh: int
    coin_type: int
    scheme: str


def _bitcoin(name: str, genesis: str, hrp: str, versions: tuple[int, int], coin_type: int) -> Network:
    return Network(Asset.BTC, name, genesis, hrp, *versions, coin_type, "bitcoin")


def _litecoin(name: str, genesis: str, hrp: str, versions: tuple[int, int], coin_type: int) -> Network:
    """Its older ``3…`` addresses look like Bitcoin's, so only the newer version byte (``M…``) is listed."""
    return Network(Asset.LTC, name, genesis, hrp, *versions, coin_type, "litecoin")


NETWORKS: Final = {
    (network.asset, network.name): network
    for network in (
        _bitcoin("main", "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", "bc", (0, 5), 0),
        _bitcoin("test", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", "tb", (111, 196), 1),
        _bitcoin("regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", "bcrt", (111, 196), 1),
        _litecoin("main", "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2", "ltc", (48, 50), 2),
        _litecoin("test", "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0", "tltc", (111, 58), 1),
        _litecoin("regtest", "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9", "rltc", (111, 58), 1),
    )
}
