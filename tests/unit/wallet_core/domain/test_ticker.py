"""Tickers: each is read as its own way of answering wants, and nothing is taken for a price that is none."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet_core.world import NOON
from wallet_core.domain.money import Asset
from wallet_core.domain.ticker import Price, Ticker

MINUTE = timedelta(seconds=60)
UNIX = int(NOON.timestamp())
PLAIN = Ticker.of("https://t.example/{symbol}")
#: As real tickers answer, by what `RATES_URLS` says of them.
DIALECTS = [
    ("price,time?", '{"symbol": "ETHUSD", "price": "2000.50"}'),
    ("price,time", '{"trade_id": 1, "price": "2000.5", "time": "2026-11-22T11:59:30.123456789Z"}'),
    ("data.amount", '{"data": {"amount": "2000.5", "base": "ETH", "currency": "USD"}}'),
    ("result.*.c.0", '{"error": [], "result": {"XETHZUSD": {"c": ["2000.50000", "0.1"], "t": [1, 2]}}}'),
    ("last,timestamp", f'{{"last": "2000.5", "timestamp": "{UNIX - 30}", "bid": "1999"}}'),
    ("0.last_price", '[{"last_price": 2000.50, "0": 1}]'),
    ("*.usd,*.last_updated_at", f'{{"ethereum": {{"usd": 2000.5, "last_updated_at": {UNIX - 30}}}}}'),
    ("lastPrice,closeTime", f'{{"lastPrice": "2000.5", "closeTime": {UNIX - 30}123}}'),
]


def body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def read(answer: bytes, ticker: Ticker = PLAIN) -> Price:
    return ticker.read(answer, NOON, MINUTE)


# The form


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://t.example/{symbol}", "https://t.example/LTCUSD"),
        ("http://t.example:8/p?pair={coin}-USD#a.b", "http://t.example:8/p?pair=LTC-USD"),
        ("https://t.example/{symbol_lower}/#last", "https://t.example/ltcusd/"),
        ("https://t.example/{coin_lower}/{coin}", "https://t.example/ltc/LTC"),
    ],
)
def test_a_ticker_is_asked_for_the_coin_and_not_for_what_follows_the_hash(text: str, url: str) -> None:
    assert Ticker.of(text).url(Asset.LTC) == url
    assert Ticker.of(text).host == "t.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{symbol}",
        "t.example/{symbol}",
        "ftp://t.example/{symbol}",
        "https:///{symbol}",
        "https://t.example/price",
        "https://t.example/{asset}",
        "https://t.example/{symbol}/{",
        "https://t.example/{symbol.__class__}",
        "https://t.example/{symbol}#,time",
        "https://t.example/{symbol}#a..b",
        "https://t.example/{symbol}#.a",
        "https://t.example/{symbol}#a,b.",
        "https://[t.example/{symbol}",
    ],
)
def test_another_form_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Ticker.of(text)


# What is a price


@pytest.mark.parametrize(("paths", "answer"), DIALECTS)
def test_real_tickers_are_read_as_they_answer(paths: str, answer: str) -> None:
    found = read(answer.encode(), Ticker.of(f"https://t.example/{{symbol}}#{paths}"))
    assert found.usd == Decimal("2000.5")
    assert NOON - timedelta(seconds=30) <= found.at <= NOON


@pytest.mark.parametrize(("paths", "answer"), DIALECTS)
@pytest.mark.parametrize("other", ["{}", "[]", "null", "1", '"2000.5"', '{"price": {"price": "1"}}', '[["1"]]'])
def test_what_is_not_where_it_should_be_is_no_price(paths: str, answer: str, other: str) -> None:
    with pytest.raises(ValueError, match="not a price"):
        read(other.encode(), Ticker.of(f"https://t.example/{{symbol}}#{paths}"))


@pytest.mark.parametrize(
    "answer", ['{"result": {}}', '{"result": {"A": ["1"], "B": ["2"]}}', '{"result": [["1"], ["2"]]}']
)
def test_the_only_one_must_be_the_only_one(answer: str) -> None:
    with pytest.raises(ValueError, match="not a price"):
        read(answer.encode(), Ticker.of("https://t.example/{symbol}#result.*.0"))


@pytest.mark.parametrize("price", ["2000", "2000.5", "0.000000000001", "999999999999", "1.000000000000000001"])
@pytest.mark.parametrize("form", ['{"price": "%s"}', '{"price": %s}'])
def test_a_plain_positive_decimal_is_a_price_to_its_last_digit(price: str, form: str) -> None:
    assert read((form % price).encode()).usd == Decimal(price)


@pytest.mark.parametrize(
    "price",
    [
        *('""', "0", '"0"', '"0.000"', "0.0", '"-1"', "-1", "-0.5", '"+1"', '"1e9"', "1e9", "1E-7", '".5"', '"1."'),
        *("NaN", "Infinity", "-Infinity", '"NaN"', '"inf"', '"1,000"', '"1_000"', '" 1"', '"1\\n"', '"٢٠٠٠"', '"0x10"'),
        *("true", "null", "[1]", '["1"]', '{"1": "1"}', "1" * 13, '"1.' + "1" * 19 + '"', "9" * 10_000),
    ],
)
def test_what_is_no_price_is_not_taken_for_one(price: str) -> None:
    with pytest.raises(ValueError, match="not a price"):
        read(f'{{"price": {price}}}'.encode())


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"{", b'{"price": 1', b"\xff\xfe\x00", b"\x80", b"[" * 60_000, b'{"a":' * 10_000]
)
def test_what_is_no_json_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(answer)


@given(answer=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_answer_does_worse_than_to_be_refused(answer: bytes) -> None:
    for paths, _ in DIALECTS:
        with pytest.raises(ValueError, match=r".*"):
            read(answer, Ticker.of(f"https://t.example/{{symbol}}#{paths}"))


# Of when it is


@pytest.mark.parametrize(
    ("age", "fresh"), [(0, True), (60, True), (60.001, False), (86_400, False), (-60, True), (-60.001, False)]
)
@pytest.mark.parametrize("unix", [False, True])
def test_a_price_that_is_not_of_now_is_none(age: float, fresh: bool, unix: bool) -> None:
    told = NOON - timedelta(seconds=age)
    answer = body(price="2000", time=f"{told.timestamp():.3f}" if unix else told.isoformat())
    if fresh:
        assert read(answer) == Price(Decimal(2_000), told)
    else:
        with pytest.raises(ValueError, match="not of now"):
            read(answer)


@pytest.mark.parametrize("digits", ["", "250", "250000", "250000000", ".25", ".250000000"])
def test_unix_time_is_read_to_the_part_of_a_second_that_it_has(digits: str) -> None:
    part = timedelta(seconds=0.25) if digits else timedelta()
    for time in (f"{UNIX}{digits}", json.loads(f"{UNIX}{digits}", parse_float=str, parse_int=str)):
        assert read(body(price="1", time=time)).at == NOON + part


@pytest.mark.parametrize(
    "time",
    [
        "yesterday",
        "",
        "2026-11-22",
        "2026-11-22T12:00:00",
        "2026-13-01T00:00:00Z",
        "1" * 5_000,
        f"{UNIX}0",
        -1,
        [],
        True,
    ],
)
def test_a_time_that_cannot_be_read_makes_the_price_worthless(time: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(body(price="2000", time=time))


def test_without_a_time_it_is_of_when_it_was_asked_for() -> None:
    assert read(body(price="2000")).at == NOON
    assert read(body(price="2000", time=None)).at == NOON
    assert read(body(last="2000", time="x"), Ticker.of("https://t.example/{coin}#last")).at == NOON


def test_a_time_that_must_be_there_is_missed() -> None:
    for answer in (body(last="2000"), body(last="2000", at=None)):
        with pytest.raises(ValueError, match="not a time"):
            read(answer, Ticker.of("https://t.example/{coin}#last,at"))


def test_times_in_other_zones_are_the_same_time() -> None:
    told = datetime.fromisoformat("2026-11-22T17:30:00+05:30")
    assert read(body(price="1", time=told.isoformat())).at == NOON
