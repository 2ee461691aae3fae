"""Documents to BSON and back: amounts become exact decimals, everything else stays as it is.

Every field whose name ends in ``_minor`` is an amount. It is stored as Decimal128 with exponent 0, built straight from
the 16 bytes of the format (IEEE 754-2008, BID encoding), which is several times faster than going through strings.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from bson.codec_options import CodecOptions
from bson.decimal128 import Decimal128

from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import MAX_MINOR
from wallet_core.domain.record import Document

_EXPONENT_ZERO: Final = 6176 << 113
_SIGN: Final = 1 << 127
_COEFFICIENT: Final = (1 << 113) - 1
_LOW: Final = (1 << 64) - 1

_PLAIN: Final = frozenset({str, int, datetime, type(None)})
#: Times are aware and in UTC.
CODEC_OPTIONS: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True, tzinfo=UTC)


def to_decimal(minor: int) -> Decimal128:
    """An amount as an exact decimal. Raises ``InvariantViolated`` beyond ``MAX_MINOR`` and for what is no integer."""
    if type(minor) is not int or abs(minor) > MAX_MINOR:
        raise InvariantViolated(f"not an amount: {minor!r}")
    bits = _EXPONENT_ZERO | abs(minor) | (_SIGN if minor < 0 else 0)
    # The form (high, low) is the class's own, in which `from_bid` ends.
    return Decimal128((bits >> 64, bits & _LOW))  # type: ignore[arg-type]  # its stub does not know that form


def to_minor(decimal: Decimal128) -> int:
    """The amount of a stored decimal. Raises ``InvariantViolated`` for one that this program never writes."""
    bits = int.from_bytes(decimal.bid, "little")
    coefficient = bits & _COEFFICIENT
    if bits & ~_SIGN & ~_COEFFICIENT != _EXPONENT_ZERO or coefficient > MAX_MINOR:
        raise InvariantViolated(f"not an amount: {decimal}")
    return -coefficient if bits & _SIGN else coefficient


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
    """A value as the program knows it."""
    kind = type(value)
    if kind is Decimal128:
        return to_minor(value)
    if kind is dict:
        return {key: decode(inner) for key, inner in value.items()}
    return [decode(inner) for inner in value] if kind is list else value
