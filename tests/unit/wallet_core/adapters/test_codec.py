"""The codec: amounts become exact decimals and nothing else does."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import bson
import pytest
from bson.decimal128 import Decimal128
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.adapters.mongo.codec import CODEC_OPTIONS, decode, encode, to_decimal, to_minor
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.money import MAX_MINOR

AMOUNTS = st.integers(-MAX_MINOR, MAX_MINOR)


@given(minor=AMOUNTS)
def test_every_amount_is_stored_as_the_driver_itself_would_write_it(minor: int) -> None:
    assert to_decimal(minor).bid == Decimal128(str(minor)).bid


@given(minor=AMOUNTS)
def test_every_amount_comes_back_as_it_was(minor: int) -> None:
    assert to_minor(to_decimal(minor)) == minor


@pytest.mark.parametrize("minor", [0, 1, -1, 2**63, 2**64, 10**18, 2**113 - 1, -(2**113 - 1), MAX_MINOR, -MAX_MINOR])
def test_boundaries_of_the_format_are_exact(minor: int) -> None:
    if abs(minor) > MAX_MINOR:
        with pytest.raises(InvariantViolated):
            to_decimal(minor)
    else:
        assert to_decimal(minor).to_decimal() == Decimal(minor)


@pytest.mark.parametrize("value", [1.0, 0.5, "5", Decimal(5), None, True, MAX_MINOR + 1, -MAX_MINOR - 1, float("nan")])
def test_what_is_no_bounded_integer_is_never_written(value: Any) -> None:
    with pytest.raises(InvariantViolated, match="not an amount"):
        to_decimal(value)


@pytest.mark.parametrize(
    "stored",
    ["0.5", "1E+1", "1.0", "5E-1", "NaN", "-NaN", "sNaN", "Infinity", "-Infinity", str(MAX_MINOR + 1), "9" * 34],
)
def test_a_stored_decimal_that_this_program_never_writes_is_not_read(stored: str) -> None:
    with pytest.raises(InvariantViolated, match="not an amount"):
        to_minor(Decimal128(stored))


@pytest.mark.parametrize("name", ["amount_minor", "fee_minor", "balance_minor", "_minor"])
def test_fields_that_end_in_minor_are_amounts(name: str) -> None:
    assert encode({name: 5}) == {name: to_decimal(5)}


def test_other_numbers_stay_numbers() -> None:
    document = {"_id": 42, "version": 3, "count": 1, "minor_change": 2, "level": 1}
    assert encode(document) == document


def test_amounts_are_found_however_deep_they_lie() -> None:
    document = {"limits": {"2026-11-22": {"send": {"count": 1, "amount_minor": 5}}}, "entries": [{"amount_minor": 7}]}
    stored = encode(document)
    assert stored["limits"]["2026-11-22"]["send"] == {"count": 1, "amount_minor": to_decimal(5)}
    assert stored["entries"] == [{"amount_minor": to_decimal(7)}]
    assert decode(stored) == document


def test_an_amount_that_is_not_known_stays_unknown() -> None:
    assert encode({"next_level_minor": None}) == {"next_level_minor": None}


def test_a_document_survives_bson_with_amounts_times_and_bytes() -> None:
    document = {"amount_minor": 10**30, "at": datetime(2026, 11, 22, 12, tzinfo=UTC), "raw": b"\x00\xff", "list": [1]}
    there_and_back = bson.decode(bson.encode(encode(document)), codec_options=CODEC_OPTIONS)
    assert decode(there_and_back) == document


def test_a_float_in_an_amount_is_stopped_before_the_database() -> None:
    with pytest.raises(InvariantViolated):
        encode({"entries": [{"amount_minor": 0.1}]})
