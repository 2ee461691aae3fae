"""Partially signed transactions (BIP 174, version 0) of P2WPKH inputs: what one signer hands to another.

Only the fields that such inputs need are written; whatever else a signer adds is passed over.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, Self

from btclib import var_bytes
from btclib.exceptions import BTClibException
from btclib.script.witness import Witness
from btclib.tx import Tx, TxIn, TxOut

from wallet_core.domain.errors import InvariantViolated

_MAGIC: Final = b"psbt\xff"
_END: Final = b"\x00"
#: Key types, see "Specification" in BIP 174.
_UNSIGNED_TX: Final = b"\x00"
_WITNESS_UTXO: Final = b"\x01"
_PARTIAL_SIGNATURE: Final = 0x02
_FINAL_WITNESS: Final = b"\x08"


@dataclass
class Psbt:
    """A transaction without witnesses, the outputs that it spends, and the witnesses as far as they are there."""

    tx: Tx
    spent: Sequence[TxOut]
    witnesses: dict[int, tuple[bytes, ...]] = field(default_factory=dict)

    def add_signature(self, index: int, signature: bytes, public_key: bytes) -> None:
        """Finishes an input: its witness is the signature with its hash type, and the key (BIP 141, P2WPKH)."""
        self.witnesses[index] = (signature, public_key)

    def extract(self) -> Tx:
        """The transaction with its witnesses. Raises ``InvariantViolated`` while one is missing."""
        missing = [index for index in range(len(self.tx.vin)) if index not in self.witnesses]
        if missing:
            raise InvariantViolated(f"{len(missing)} of {len(self.tx.vin)} inputs are not signed")
        vin = [
            TxIn(plain.prev_out, plain.script_sig, plain.sequence, Witness(self.witnesses[index]))
            for index, plain in enumerate(self.tx.vin)
        ]
        return Tx(self.tx.version, self.tx.lock_time, vin, self.tx.vout)

    def encode(self) -> str:
        """In base 64, to be signed; witnesses that are there already are left out."""
        inputs = (_pair(_WITNESS_UTXO, spent.serialize()) + _END for spent in self.spent)
        whole = [_MAGIC, _pair(_UNSIGNED_TX, self.tx.serialize(include_witness=False)), _END, *inputs]
        return base64.b64encode(b"".join(whole) + _END * len(self.tx.vout)).decode()

    def signed_by(self, text: str) -> Self:
        """This PSBT with the witnesses of one that a signer returned in base 64.

        Raises ``InvariantViolated`` if that is damaged, or of another transaction.
        """
        try:
            stream = BytesIO(base64.b64decode(text, validate=True))
            whole = stream.read(len(_MAGIC)) == _MAGIC
            tx = dict(_pairs(stream)).get(_UNSIGNED_TX)
            inputs = [dict(_pairs(stream)) for _ in self.tx.vin]
            witnesses = {index: witness for index, pairs in enumerate(inputs) if (witness := _witness(pairs))}
        except (BTClibException, binascii.Error, ValueError) as error:
            raise InvariantViolated("a signer returned a damaged PSBT") from error
        if not whole or tx != self.tx.serialize(include_witness=False):
            raise InvariantViolated("a signer returned another transaction than was ordered")
        return type(self)(self.tx, self.spent, witnesses)


def _pair(key: bytes, value: bytes) -> bytes:
    return var_bytes.serialize(key) + var_bytes.serialize(value)


def _pairs(stream: BytesIO) -> Iterator[tuple[bytes, bytes]]:
    """One map, up to its end."""
    while key := var_bytes.parse(stream):
        yield key, var_bytes.parse(stream)


def _witness(pairs: dict[bytes, bytes]) -> tuple[bytes, ...] | None:
    """Finished by the signer, or to be finished from its one signature."""
    if _FINAL_WITNESS in pairs:
        return Witness.parse(pairs[_FINAL_WITNESS]).stack
    return next(((value, key[1:]) for key, value in pairs.items() if key[0] == _PARTIAL_SIGNATURE), None)
