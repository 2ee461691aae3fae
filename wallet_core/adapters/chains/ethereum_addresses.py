"""``ports.Addresses`` for Ethereum, without a node: checksums (EIP-55), deposit addresses (BIP 32), payment URIs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from bip32 import BIP32
from eth_keys.datatypes import PublicKey
from eth_utils.address import to_checksum_address

from wallet_core.domain.errors import Reason, Refused

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_ZERO: Final = "0x" + "0" * 40
#: The branch below the account's key that receives, as BIP 44 has it.
RECEIVING: Final = 0


class EthereumAddresses:
    """Addresses of one account's extended public key; it can derive addresses, and no key that spends."""

    def __init__(self, account_xpub: str, chain_id: int, own: frozenset[str]) -> None:
        self._chain_id = chain_id
        self._own = own
        self._derive = lru_cache(maxsize=4096)(_deriver(account_xpub))

    def check(self, text: str) -> str:
        """See ``ports.Addresses.check``: all one case has no checksum, mixed case must have the right one (EIP-55)."""
        if not _ADDRESS.fullmatch(text):
            raise Refused(Reason.BAD_ADDRESS, network="Ethereum")
        address = to_checksum_address(text)
        digits = text[2:]
        if digits not in (digits.lower(), digits.upper()) and text != address:
            raise Refused(Reason.BAD_CHECKSUM, network="Ethereum")
        if text.lower() == _ZERO:
            raise Refused(Reason.ZERO_ADDRESS)
        if address in self._own:
            raise Refused(Reason.OWN_ADDRESS)
        return address

    def deposit(self, index: int) -> str:
        """See ``ports.Addresses.deposit``."""
        return self._derive(index)

    def descriptor(self) -> str:
        """See ``ports.Addresses.descriptor``: a node answers for any address."""
        return ""

    def payment_uri(self, address: str, coin_minor: int) -> str:
        """See ``ports.Addresses.payment_uri``; the value is in wei (EIP-681)."""
        return f"ethereum:{address}@{self._chain_id}?value={coin_minor}"


def _deriver(account_xpub: str) -> Callable[[int], str]:
    account = BIP32.from_xpub(account_xpub)

    def derive(index: int) -> str:
        return address_of(account.get_pubkey_from_path([RECEIVING, index]))

    return derive


def address_of(compressed_public_key: bytes) -> str:
    """The checksummed address of a compressed secp256k1 public key."""
    return PublicKey.from_compressed_bytes(compressed_public_key).to_checksum_address()
