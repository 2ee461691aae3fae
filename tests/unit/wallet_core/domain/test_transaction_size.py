"""Sizes and dust limits, against published figures."""

from __future__ import annotations

import pytest

from wallet_core.domain.money import Asset
from wallet_core.domain.transaction_size import INPUT_WEIGHT, dust_minor, output_bytes, transaction_vsize

P2WPKH = b"\x00\x14" + bytes(20)
P2WSH = b"\x00\x20" + bytes(32)
P2TR = b"\x51\x20" + bytes(32)
P2PKH = b"\x76\xa9\x14" + bytes(20) + b"\x88\xac"
P2SH = b"\xa9\x14" + bytes(20) + b"\x87"


@pytest.mark.parametrize(
    ("script", "size", "dust"),
    [(P2WPKH, 31, 294), (P2WSH, 43, 330), (P2TR, 43, 330), (P2PKH, 34, 546), (P2SH, 32, 540)],
)
def test_outputs_have_the_sizes_and_dust_limits_that_everybody_knows(script: bytes, size: int, dust: int) -> None:
    assert output_bytes(script) == size
    assert dust_minor(script, Asset.BTC) == dust
    assert dust_minor(script, Asset.LTC) == 10 * dust


def test_an_input_is_68_virtual_bytes() -> None:
    assert INPUT_WEIGHT == 4 * 68


@pytest.mark.parametrize(
    ("inputs", "outputs", "vsize"),
    [(1, 1, 110), (1, 2, 141), (2, 2, 209), (1, 252, 7_891), (1, 253, 7_924), (253, 1, 17_248)],
)
def test_a_transaction_is_as_large_as_its_parts(inputs: int, outputs: int, vsize: int) -> None:
    """10.5 beside inputs and outputs; from 253 of either on, their number takes two bytes more."""
    assert transaction_vsize(inputs, outputs, outputs * 31) == vsize
