"""Signs for Bitcoin or Litecoin with the seed's own keys, in this process."""

from __future__ import annotations

from collections.abc import Sequence

from bip32 import BIP32
from btclib.hashes import hash160
from btclib.script import sig_hash
from coincurve import PrivateKey

from payout_worker.signers.coin_signer import CoinSigner, CoinSigning, segwit_hashes
from payout_worker.signers.psbt import Psbt
from wallet_core.adapters.chains.bitcoin_like_addresses import RECEIVING, address_of
from wallet_core.adapters.seed_file import deposits_path, hot_path


class BitcoinLikeSigner(CoinSigner):
    """The hot wallet's key and those of the deposits, derived from the seed (BIP 32, BIP 84)."""

    def __init__(self, seed: bytes, signing: CoinSigning, *, cold: str = "") -> None:
        root, network = BIP32.from_seed(seed), signing.network
        self._key = PrivateKey(root.get_privkey_from_path(hot_path(network)))
        self._deposits = BIP32.from_xpriv(root.get_xpriv_from_path(f"{deposits_path(network)}/{RECEIVING}"))
        super().__init__(address_of(self._key.public_key.format(), network), signing, cold=cold)

    def _deposit_script(self, index: int) -> bytes:
        """See ``CoinSigner``: version 0 and the key's hash (P2WPKH, BIP 141)."""
        return b"\x00\x14" + hash160(self._deposits.get_pubkey_from_path([index]))

    async def _sign(self, psbt: Psbt, indices: Sequence[int]) -> Psbt:
        """ECDSA with a low S (BIP 62) and the nonce of RFC 6979: the same order gives the same bytes again."""
        hash_type = bytes([sig_hash.ALL])
        keys = [PrivateKey(self._deposits.get_privkey_from_path([index])) for index in indices]
        for at, hashed in enumerate(segwit_hashes(psbt)):
            key = keys[at] if keys else self._key
            psbt.add_signature(at, key.sign(hashed, hasher=None) + hash_type, key.public_key.format())
        return psbt
