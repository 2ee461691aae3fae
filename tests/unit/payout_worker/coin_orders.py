"""What the signers of coins are asked in the tests, and a chain that says what it is told to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from coincurve import PrivateKey

from payout_worker.ports import CoinNode, CoinOrder, Output
from payout_worker.signers.bitcoin_like import BitcoinLikeSigner
from payout_worker.signers.coin_signer import CoinSigning, FeeCeiling
from wallet_core.adapters.chains.bitcoin_like_addresses import address_of
from wallet_core.adapters.seed_file import public_info
from wallet_core.domain.chain import Heights, Inclusion, Utxo
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS, Network

SEED = bytes(range(32))
BTC, LTC = NETWORKS[Asset.BTC, "regtest"], NETWORKS[Asset.LTC, "regtest"]
FINAL_DEPTH = 24
CEILING = FeeCeiling(max_fee_minor=1_000_000, max_fee_rate=200)
HOT = public_info(SEED)["hot"]["BTC"]


@dataclass
class Chain:
    """What a node would say: which transactions are in the chain, and which of them spends which output."""

    latest: int = 100
    spent: dict[str, Inclusion] = field(default_factory=dict)
    mined: dict[str, Inclusion] = field(default_factory=dict)

    async def heights(self) -> Heights:
        return Heights(self.latest, self.latest)

    async def spender(self, utxo: str) -> Inclusion | None:
        return self.spent.get(utxo)

    async def inclusion(self, txid: str) -> Inclusion | None:
        return self.mined.get(txid)

    def mine(self, txid: str, *, blocks_on_top: int = FINAL_DEPTH) -> None:
        height = self.latest - blocks_on_top
        self.mined[txid] = Inclusion(txid, height, f"{height:064x}")

    def spend(self, utxo: Utxo, txid: str, *, blocks_on_top: int = FINAL_DEPTH) -> None:
        height = self.latest - blocks_on_top
        self.spent[utxo.id] = Inclusion(txid, height, f"{height:064x}")


def signing(chain: Chain, folder: Path, network: Network = BTC) -> CoinSigning:
    """What the signers of the tests have, whoever holds the key."""
    return CoinSigning(network, folder, cast(CoinNode, chain), FINAL_DEPTH, CEILING)


def opened(chain: Chain, folder: Path, network: Network = BTC) -> BitcoinLikeSigner:
    """The seed's signer."""
    return BitcoinLikeSigner(SEED, signing(chain, folder, network))


def coin(number: int, value_minor: int = 100_000) -> Utxo:
    """One of the hot wallet's."""
    return Utxo(f"{number:064x}", number % 7, value_minor, 10)


def address(payout: str, network: Network = BTC) -> str:
    """Each payout's own."""
    return address_of(PrivateKey.from_int(int.from_bytes(payout.encode()) + 1).public_key.format(), network)


def pay(*payouts: str, coins: Sequence[Utxo] = (), value_minor: int = 20_000, fee_minor: int = 500) -> CoinOrder:
    """So much for each payout, and change; from the first coin where none is named."""
    coins = tuple(coins) or (coin(1),)
    outputs = [Output(payout, address(payout), value_minor) for payout in payouts]
    left = sum(utxo.value_minor for utxo in coins) - value_minor * len(payouts) - fee_minor
    return CoinOrder(coins, (*outputs, Output(None, HOT, left)))


def to_ourselves(*coins: Utxo, fee_minor: int = 500) -> CoinOrder:
    """A no-op of coins, or a child."""
    return CoinOrder(coins, (Output(None, HOT, sum(utxo.value_minor for utxo in coins) - fee_minor),))
