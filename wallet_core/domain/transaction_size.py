"""How large a transaction of coins gets, before it is signed, and which outputs are too small to be passed on.

BIP 141: a transaction's weight is four times its bytes without witnesses, plus the bytes of its witnesses; a virtual
byte (vB) is four of weight, rounded up. All inputs are our own, P2WPKH.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wallet_core.domain.money import Asset, ceil_div

#: Nodes pass on no larger transaction than 100,000 vB (Bitcoin Core's ``MAX_STANDARD_TX_WEIGHT``); with some room.
MAX_BATCH_VSIZE: Final = 95_000
#: What an input and its witness weigh at most: outpoint, empty script and sequence (36 + 1 + 4 bytes), the number of
#: items, a signature of 72 bytes (DER with a low S of 32, an R of 33, and the hash type) and a key of 33, with lengths.
INPUT_WEIGHT: Final = 4 * 41 + 1 + 1 + 72 + 1 + 33
#: What a witness program at its own address adds as an output: 8 bytes of value, a length, 22 of script.
P2WPKH_OUTPUT_BYTES: Final = 31

#: Version and lock time; and the two bytes that tell that witnesses follow (BIP 144), which weigh like these.
_FIXED_BYTES: Final = 8
_MARKER_WEIGHT: Final = 2
#: Minor units for a byte (``DUST_RELAY_TX_FEE`` in Bitcoin Core's and Litecoin Core's ``policy.h``).
_DUST_RATE_MINOR: Final = {Asset.BTC: 3, Asset.LTC: 30}
#: What spending an output later takes, as ``GetDustThreshold`` of the same file counts it.
_SPENDING_SEGWIT_BYTES: Final = 67
_SPENDING_BYTES: Final = 148


def output_bytes(script: bytes) -> int:
    """Bytes of an output with this script, each of which is a virtual byte."""
    return 8 + _count_bytes(len(script)) + len(script)


def dust_minor(script: bytes, asset: Asset) -> int:
    """The least that an output with this script must be worth to be passed on, in minor units of the coin."""
    spending = _SPENDING_SEGWIT_BYTES if _is_segwit(script) else _SPENDING_BYTES
    return (output_bytes(script) + spending) * _DUST_RATE_MINOR[asset]


def least_minor(asset: Asset) -> int:
    """The least that is passed on to an address of any form, in minor units: the oldest form, P2PKH, takes the most."""
    return dust_minor(bytes(25), asset) if asset in _DUST_RATE_MINOR else 1


def transaction_vsize(inputs: int, outputs: int, outputs_bytes: int) -> int:
    """Virtual bytes of a signed transaction at most: with so many inputs, and outputs of so many bytes together."""
    stripped = _FIXED_BYTES + _count_bytes(inputs) + _count_bytes(outputs) + outputs_bytes
    return ceil_div(4 * stripped + _MARKER_WEIGHT + inputs * INPUT_WEIGHT, 4)


def fitting(sizes: Iterable[int], *, inputs: int, change: int, max_vsize: int = MAX_BATCH_VSIZE) -> int:
    """How many outputs of these sizes in bytes, from the first on, fit beside so many inputs and outputs of change."""
    count, total = change, change * P2WPKH_OUTPUT_BYTES
    for fits, size in enumerate(sizes):
        count, total = count + 1, total + size
        if transaction_vsize(inputs, count, total) > max_vsize:
            return fits
    return count - change


def _is_segwit(script: bytes) -> bool:
    """A version and one push of 2 to 40 bytes (BIP 141)."""
    versions = {0, *range(0x51, 0x61)}
    return 4 <= len(script) <= 42 and script[0] in versions and script[1] == len(script) - 2


def _count_bytes(count: int) -> int:
    """Bytes of a number as transactions write it (Bitcoin's "CompactSize")."""
    if count < 0xFD:
        return 1
    return 3 if count <= 0xFFFF else 5
