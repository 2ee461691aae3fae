"""Amounts: what may be typed, and that nothing is lost between text and minor units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import DECIMALS, MAX_MINOR, Asset, ceil_div, one_coin_minor, parse_amount, plain

ASSETS = st.sampled_from(Asset)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "0", "0.0", "0.000000", "-1", "-0", "+1", "--1"),
        *(" 1", "1 ", "1\n", "\t1", "1 000", "1,5", "1_000", "1'000", "0x10"),
        *("1e3", "1E3", "1e400", "1e1000000", "NaN", "nan", "Infinity", "inf", "sNaN"),
        *("01", "00.5", "007", ".5", "5.", "1.2.3", "1..2"),
        *("١٢", "१२", "１２", "²", "½", "1\u200b", "\u202e1", "1\x00"),
        *("ITD 5", "5 ITD", "$5", "{'$gt': 0}"),
    ],
)
def test_what_is_not_a_plain_positive_decimal_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_amount(text, Asset.ITD)
    assert refused.value.reason is Reason.BAD_AMOUNT
    assert refused.value.facts == {"asset": Asset.ITD, "decimals": 6}


@pytest.mark.parametrize(
    ("text", "asset", "minor"),
    [
        ("1", Asset.ITD, 1_000_000),
        ("0.000001", Asset.ITD, 1),
        ("12.5", Asset.ITD, 12_500_000),
        ("12.500000", Asset.ITD, 12_500_000),
        ("0.00000001", Asset.BTC, 1),
        ("21000000", Asset.BTC, 2_100_000_000_000_000),
        ("0.000000000000000001", Asset.ETH, 1),
        ("19.99", Asset.USD, 1_999),
    ],
)
def test_a_plain_decimal_becomes_exact_minor_units(text: str, asset: Asset, minor: int) -> None:
    assert parse_amount(text, asset) == minor


@pytest.mark.parametrize("asset", Asset)
def test_one_decimal_more_than_the_asset_has_is_refused_even_when_it_is_zero(asset: Asset) -> None:
    with pytest.raises(Refused):
        parse_amount("1." + "0" * (DECIMALS[asset] + 1), asset)
    assert parse_amount("1." + "0" * DECIMALS[asset], asset) == one_coin_minor(asset)


@pytest.mark.parametrize("digits", ["9" * 10_000, "0." + "1" * 10_000, "9" * 33])
def test_ten_kilobytes_of_digits_are_refused_before_any_conversion(digits: str) -> None:
    # Python itself raises ValueError for so many digits (sys.set_int_max_str_digits), so a conversion would show.
    with pytest.raises(Refused):
        parse_amount(digits, Asset.ETH)


def test_an_amount_above_the_largest_is_refused() -> None:
    largest = plain(MAX_MINOR, Asset.ITD)
    assert parse_amount(largest, Asset.ITD) == MAX_MINOR
    with pytest.raises(Refused):
        parse_amount(plain(MAX_MINOR + 1, Asset.ITD), Asset.ITD)


@given(asset=ASSETS, minor=st.integers(1, 10**24))
def test_what_is_shown_can_be_typed_again(asset: Asset, minor: int) -> None:
    assert parse_amount(plain(minor, asset), asset) == minor


@given(asset=ASSETS, minor=st.integers(-MAX_MINOR, MAX_MINOR))
def test_the_shown_amount_is_exact_and_has_no_needless_zeros(asset: Asset, minor: int) -> None:
    shown = plain(minor, asset)
    whole, _, fraction = shown.lstrip("-").partition(".")
    assert int(whole + fraction.ljust(DECIMALS[asset], "0")) == abs(minor)
    assert shown.startswith("-") == (minor < 0)
    assert not fraction.endswith("0")
    assert not shown.endswith(".")


@given(text=st.text(max_size=40))
def test_no_text_whatever_raises_anything_but_a_refusal(text: str) -> None:
    try:
        minor = parse_amount(text, Asset.ETH)
    except Refused as refused:
        assert refused.reason is Reason.BAD_AMOUNT
    else:
        assert text.isascii()
        assert 0 < minor <= MAX_MINOR


@given(dividend=st.integers(-(10**40), 10**40), divisor=st.integers(1, 10**20))
def test_rounding_up_is_the_smallest_integer_that_is_enough(dividend: int, divisor: int) -> None:
    quotient = ceil_div(dividend, divisor)
    assert (quotient - 1) * divisor < dividend <= quotient * divisor
