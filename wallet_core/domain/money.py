"""Amounts of money: always an ``int`` in minor units together with its asset, never a float."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from wallet_core.domain.errors import Reason, Refused


class Asset(StrEnum):
    """What an amount is counted in. ITD is the app's own virtual currency, the Internet Dollar."""

    ITD = "ITD"
    BTC = "BTC"
    LTC = "LTC"
    ETH = "ETH"
    USD = "USD"


#: Digits after the point of one whole coin: satoshi for BTC and LTC, wei for ETH, cents for USD.
DECIMALS: Final = {Asset.ITD: 6, Asset.BTC: 8, Asset.LTC: 8, Asset.ETH: 18, Asset.USD: 2}

#: No amount in this program is larger, in minor units. It fits 34 digits, so it fits Decimal128 exactly.
MAX_MINOR: Final = 10**33

# Checked before any conversion: int() of a long string of digits takes time that grows with its square.
_MAX_TYPED_LENGTH: Final = 32
_TYPED_AMOUNT: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)


def one_coin_minor(asset: Asset) -> int:
    """Minor units in one whole coin of the asset."""
    return int(10 ** DECIMALS[asset])


def parse_amount(text: str, asset: Asset) -> int:
    """Minor units of an amount that a person typed, such as ``12.5``.

    ASCII digits with at most one point; no sign, exponent, separator, leading zero or other alphabet. Raises
    ``Refused(BAD_AMOUNT)`` for anything else, for zero, and for more decimals than the asset has.
    """
    match = _TYPED_AMOUNT.fullmatch(text) if len(text) <= _MAX_TYPED_LENGTH else None
    if match is None or len(match.group(1) or "") > DECIMALS[asset]:
        raise Refused(Reason.BAD_AMOUNT, asset=asset, decimals=DECIMALS[asset])
    whole, _, fraction = text.partition(".")
    minor = int(whole + fraction.ljust(DECIMALS[asset], "0"))
    if not 0 < minor <= MAX_MINOR:
        raise Refused(Reason.BAD_AMOUNT, asset=asset, decimals=DECIMALS[asset])
    return minor


def plain(minor: int, asset: Asset) -> str:
    """The amount as a decimal string in whole coins, exact, without trailing zeros: ``12.5``."""
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(DECIMALS[asset] + 1, "0")
    whole, fraction = digits[: -DECIMALS[asset]], digits[-DECIMALS[asset] :].rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def ceil_div(dividend: int, divisor: int) -> int:
    """The quotient rounded up. ``divisor`` is positive."""
    return -(-dividend // divisor)
