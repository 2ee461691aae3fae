"""Signs for Bitcoin or Litecoin with the seed's own key, in this process."""

from __future__ import annotations

from pathlib import Path

from bip32 import BIP32
from btclib.script import sig_hash
from coincurve import PrivateKey

from payout_worker.ports import CoinNode
from payout_worker.signers.coin_signer import CoinSigner, FeeCeiling, segwit_hashes
from payout_worker.signers.psbt import Psbt
from wallet_core.adapters.chains.bitcoin_like_addresses import address_of
from wallet_core.adapters.seed_file import hot_path
from wallet_core.domain.network import Network


class BitcoinLikeSigner(CoinSigner):
    """The hot wallet's key, derived from the seed (BIP 32, BIP 84)."""

    def __init__(
        self, seed: bytes, network: Network, *, folder: Path, node: CoinNode, final_depth: int, ceiling: FeeCeiling
    ) -> None:
        self._key = PrivateKey(BIP32.from_seed(seed).get_privkey_from_path(hot_path(network)))
        self._public_key = self._key.public_key.format()
        address = address_of(self._public_key, network)
        super().__init__(address, network, folder=folder, node=node, final_depth=final_depth, ceiling=ceiling)

    async def _sign(self, psbt: Psbt) -> Psbt:
        """ECDSA with a low S (BIP 62) and the nonce of RFC 6979: the same order gives the same bytes again."""
        hash_type = bytes([sig_hash.ALL])
        for index, hashed in enumerate(segwit_hashes(psbt, self._script)):
            psbt.add_signature(index, self._key.sign(hashed, hasher=None) + hash_type, self._public_key)
        return psbt
