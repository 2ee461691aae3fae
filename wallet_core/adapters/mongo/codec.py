"""Documents to BSON and back: amounts become exact decimals, everything else stays as it is.

Every field whose name ends in ``_minor`` is an amount. It is stored as Decimal128 with exponent 0, built straight from
the 16 bytes of the format (IEEE 754-2008, BID encoding), which is several times faster than going through strings.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.decimal128 import Decimal128

from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import MAX_MINOR
from wallet_core.domain.record import Document

#: The upper half of every amount from 0 to 2**64 - 1: no sign, exponent 0, nothing of the coefficient.
_PLAIN_HIGH: Final = 6176 << 49
_SIGN: Final = 1 << 63
_COEFFICIENT: Final = (1 << 49) - 1
_LOW: Final = (1 << 64) - 1

_PLAIN: Final = frozenset({str, int, datetime, type(None)})


def to_decimal(minor: int) -> Decimal128:
    """An amount as an exact decimal. Raises ``InvariantViolated`` beyond ``MAX_MINOR`` and for what is no integer."""
    if type(minor) is not int or abs(minor) > MAX_MINOR:
        raise InvariantViolated(f"not an amount: {minor!r}")
    if 0 <= minor <= _LOW:
        return Decimal128((_PLAIN_HIGH, minor))  # type: ignore[arg-type]  # as below
    high = _PLAIN_HIGH | abs(minor) >> 64 | (_SIGN if minor < 0 else 0)
    # The form (high, low) is the class's own, in which `from_bid` ends.
    return Decimal128((high, abs(minor) & _LOW))  # type: ignore[arg-type]  # its stub does not know that form


def to_minor(decimal: Decimal128) -> int:
    """The amount of a stored decimal. Raises ``InvariantViolated`` for one that this program never writes."""
    high, low = decimal.__getstate__()
    if high == _PLAIN_HIGH:
        return low
    coefficient = (high & _COEFFICIENT) << 64 | low
    if high & ~_SIGN & ~_COEFFICIENT != _PLAIN_HIGH or coefficient > MAX_MINOR:
        raise InvariantViolated(f"not an amount: {decimal}")
    return -coefficient if high & _SIGN else coefficient


class _Amounts(TypeDecoder):
    """Lets the driver's own decoder make amounts, which is faster than looking for them in what it made."""

    bson_type = Decimal128

    def transform_bson(self, value: Decimal128) -> int:
        return to_minor(value)


#: Times are aware and in UTC, and decimals are amounts already.
CODEC_OPTIONS: Final[CodecOptions[Document]] = CodecOptions(
    tz_aware=True, tzinfo=UTC, type_registry=TypeRegistry([_Amounts()])
)


def encode(value: Any, name: str = "") -> Any:
    """A value as MongoDB takes it; ``name`` is its field."""
    kind = type(value)
    if kind is dict:
        # Most fields stay as they are, and every movement passes here: they are spared the call.
        return {
            key: inner if type(inner) in _PLAIN and not key.endswith("_minor") else encode(inner, key)
            for key, inner in value.items()
        }
    if kind is list or kind is tuple:
        return [encode(inner, name) for inner in value]
    if name.endswith("_minor") and value is not None:
        return to_decimal(value)
    return value


def decode(value: Any) -> Any:
    """A value as the program knows it, of one that was read without ``CODEC_OPTIONS``."""
    kind = type(value)
    if kind is Decimal128:
        return to_minor(value)
    if kind is dict:
        return {key: decode(inner) for key, inner in value.items()}
    return [decode(inner) for inner in value] if kind is list else value
