"""The multi-send contract as it is deployed: its code, its one call, and its events (Solidity's ABI, version 2).

``MultiSend.json`` is what the compiler makes of ``MultiSend.sol``; a test makes it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_canonical_address
from eth_utils.crypto import keccak

from wallet_core.domain.multi_send import MultiSend, Results, name_in_chain

_FOLDER: Final = Path(__file__).parent
_PAYOUT: Final = "(bytes32,address,uint256)"
_CALL: Final = keccak(text=f"multiSend(bytes32,{_PAYOUT}[])")[:4]
_PAID: Final = keccak(text="Paid(bytes32,bytes32)")
_FAILED: Final = keccak(text="Failed(bytes32,bytes32)")
_WORD_BITS: Final = 256


@cache
def artifact() -> Mapping[str, Any]:
    """The compiler's version and settings, the ABI, and the code in hexadecimal digits."""
    made: Mapping[str, Any] = json.loads((_FOLDER / "MultiSend.json").read_text())
    return made


def source() -> str:
    """The source in Solidity."""
    return (_FOLDER / "MultiSend.sol").read_text()


def creation_code(owner: str) -> bytes:
    """The data of a transaction that deploys the contract for an owner, whoever sends it."""
    return bytes.fromhex(artifact()["creation"]) + encode(["address"], [owner])


def runtime_code(owner: str) -> bytes:
    """The code that is then at its address: the owner stands in it, and can never be another."""
    code, word = bytearray.fromhex(artifact()["runtime"]), encode(["address"], [owner])
    for at in artifact()["owner_at"]:
        code[at : at + len(word)] = word
    return bytes(code)


def call_data(send: MultiSend) -> bytes:
    """The data of the one call that there is."""
    payouts = [(_word(p.payout), to_canonical_address(p.address), p.value_minor) for p in send.payments]
    return _CALL + encode(["bytes32", f"{_PAYOUT}[]"], [_word(send.batch), payouts])


def unpaid(send: MultiSend, returned: bytes) -> tuple[str, ...]:
    """Payouts that a simulated call did not pay, by what it returned. Raises ``ValueError`` for no such answer."""
    try:
        (words,) = decode(["uint256[]"], returned)
    except DecodingError as error:
        raise ValueError("that is no answer of the contract") from error
    if len(words) * _WORD_BITS < len(send.payments):
        raise ValueError("that is no answer about so many payouts")
    return tuple(
        payment.payout for at, payment in enumerate(send.payments) if not words[at // _WORD_BITS] >> at % _WORD_BITS & 1
    )


def results(contract: str, block_hash: str, logs: Iterable[Mapping[str, Any]]) -> Results:
    """What the contract's own events tell; receivers may write what they like under their own addresses."""
    ours = [log["topics"] for log in logs if log["address"] == contract]
    of = {
        event: frozenset(bytes(topics[2]).hex() for topics in ours if len(topics) == 3 and bytes(topics[0]) == event)
        for event in (_PAID, _FAILED)
    }
    return Results(block_hash, of[_PAID], of[_FAILED])


def _word(id_: str) -> bytes:
    return bytes.fromhex(name_in_chain(id_))
