"""Output scripts of Bitcoin's and Litecoin's addresses, without a node."""

from __future__ import annotations

from typing import Final

from btclib import base58, bech32
from btclib.b32 import power_of_2_base_conversion
from btclib.exceptions import BTClibValueError

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.network import Network

#: The longest segwit address (BIP 173).
_LONGEST: Final = 90
#: The versions and sizes of witness programs that have a meaning: P2WPKH and P2WSH (BIP 141), P2TR (BIP 341). What is
#: sent to another one anybody may take, or, on Litecoin, an extension block swallows.
_PROGRAMS: Final = {(0, 20), (0, 32), (1, 32)}
#: Version byte and hash of an old address (Bitcoin's "Base58Check encoding").
_OLD_BYTES: Final = 21


def script_pubkey(address: str, network: Network) -> bytes:
    """The output script that an address of the network stands for: P2WPKH, P2WSH, P2TR, P2PKH or P2SH.

    Raises ``Refused``: ``BAD_CHECKSUM`` for a checksum that does not match (BIP 173, BIP 350, Base58Check),
    ``BAD_ADDRESS`` for whatever else is not such an address, one of another network included.
    """
    if address.lower().startswith(f"{network.hrp}1"):
        return _segwit_script(address, network)
    return _old_script(address, network)


def _segwit_script(address: str, network: Network) -> bytes:
    if len(address) > _LONGEST:
        raise _refused(Reason.BAD_ADDRESS, network)
    try:
        _hrp, (version, *digits) = bech32.decode(address)
        program = bytes(power_of_2_base_conversion(digits, 5, 8, pad=False))
    except BTClibValueError as error:
        raise _refused(_reason(error), network) from error
    if (version, len(program)) not in _PROGRAMS:
        raise _refused(Reason.BAD_ADDRESS, network)
    return bytes([0x50 + version if version else 0, len(program)]) + program


def _old_script(address: str, network: Network) -> bytes:
    try:
        version, *digest = base58.decode(address, _OLD_BYTES)
    except BTClibValueError as error:
        raise _refused(_reason(error), network) from error
    if version == network.p2pkh:
        return b"\x76\xa9\x14" + bytes(digest) + b"\x88\xac"
    if version == network.p2sh:
        return b"\xa9\x14" + bytes(digest) + b"\x87"
    raise _refused(Reason.BAD_ADDRESS, network)


def _reason(error: BTClibValueError) -> Reason:
    """btclib tells a wrong checksum from the rest by its words alone."""
    return Reason.BAD_CHECKSUM if str(error).startswith("invalid checksum") else Reason.BAD_ADDRESS


def _refused(reason: Reason, network: Network) -> Refused:
    return Refused(reason, network=network.scheme.capitalize())
