"""``ports.Addresses`` for Bitcoin and Litecoin, without a node: checks, deposit addresses (BIP 84), payment URIs."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from bip32 import BIP32
from btclib import bech32
from btclib.b32 import power_of_2_base_conversion
from btclib.hashes import hash160

from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import plain
from wallet_core.domain.network import Network

#: A hash that no key and no script is known for.
_ZERO: Final = bytes(20)
#: The branch below the account's key that receives, as BIP 44 has it.
RECEIVING: Final = 0


class BitcoinLikeAddresses:
    """Addresses of one account's extended public key; it can derive addresses, and no key that spends."""

    def __init__(self, account_xpub: str, network: Network, own: frozenset[str]) -> None:
        self._account_xpub = account_xpub
        self._network = network
        self._own = own
        self._derive = lru_cache(maxsize=4096)(_deriver(account_xpub, network))

    def check(self, text: str) -> str:
        """See ``ports.Addresses.check``: segwit in either case (BIP 173, BIP 350), and the older forms in base 58.

        Addresses of another network or coin are refused, and so are Litecoin's for its extension blocks (MWEB) and its
        ``3…``, which are Bitcoin's as well.
        """
        script = script_pubkey(text, self._network)
        if _ZERO in script:
            raise Refused(Reason.ZERO_ADDRESS)
        address = text.lower() if text.lower().startswith(f"{self._network.hrp}1") else text
        if address in self._own:
            raise Refused(Reason.OWN_ADDRESS)
        return address

    def deposit(self, index: int) -> str:
        """See ``ports.Addresses.deposit``: segwit version 0 (BIP 84)."""
        return self._derive(index)

    def descriptor(self) -> str:
        """See ``ports.Addresses.descriptor``; without a checksum (BIP 380, BIP 382)."""
        return f"wpkh({self._account_xpub}/{RECEIVING}/*)"

    def payment_uri(self, address: str, coin_minor: int) -> str:
        """See ``ports.Addresses.payment_uri``; the amount is in whole coins (BIP 21)."""
        return f"{self._network.scheme}:{address}?amount={plain(coin_minor, self._network.asset)}"


def _deriver(account_xpub: str, network: Network) -> Callable[[int], str]:
    account = BIP32.from_xpub(account_xpub)

    def derive(index: int) -> str:
        return address_of(account.get_pubkey_from_path([RECEIVING, index]), network)

    return derive


def address_of(compressed_public_key: bytes, network: Network) -> str:
    """The segwit address of a compressed secp256k1 public key: version 0, the key's hash (P2WPKH, BIP 141)."""
    digits = power_of_2_base_conversion(hash160(compressed_public_key), 8, 5)
    return bech32.encode(network.hrp, [0, *digits]).decode()
