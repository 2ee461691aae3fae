"""Rates: no single ticker decides, and none is believed that is old, broken or alone. Over HTTP from real servers."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.tickers import BROKEN, Script, Writer, drip, hang, market, told
from tests.unit.wallet_core.world import ITD
from wallet_core.adapters.rates import HttpRates
from wallet_core.domain.agreement import NoRate
from wallet_core.domain.errors import Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.quote import Rate
from wallet_core.rate_settings import RateSettings

# One rate of several tickers


async def test_the_rate_is_itd_for_one_coin_with_source_and_time() -> None:
    async with market(2000.5, told("2001", 30), 1999) as tickers:
        rate = await tickers.rates.rate(Asset.ETH)
    assert (rate.asset, rate.itd_minor, rate.source) == (Asset.ETH, 2_000_500_000, "127.0.0.1")
    assert timedelta(seconds=29) < datetime.now(UTC) - rate.at < timedelta(seconds=33)


async def test_the_price_of_an_itd_divides_and_the_rest_is_cut() -> None:
    async with market(2000, itd_price_usd="2") as tickers:
        assert await tickers.itd() == 1_000
    async with market(1, itd_price_usd="3") as tickers:
        assert (await tickers.rates.rate(Asset.ETH)).itd_minor == 333_333


async def test_each_ticker_is_asked_for_the_coin_in_dollars_and_read_in_its_own_way() -> None:
    kraken = b'{"error": [], "result": {"XXBTZUSD": {"c": ["60000.10", "0.1"]}}}'
    async with market(kraken, form="/public?pair={coin}USD#result.*.c.0") as tickers:
        assert await tickers.itd(Asset.BTC) == 60_000.1
        assert tickers.sources[0].asked == ["/public?pair=BTCUSD"]


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_ticker_that_fails_does_not_stop_a_majority(broken: str) -> None:
    async with market(2000, BROKEN[broken], 2010) as tickers:
        assert await tickers.itd() == 2_000


@pytest.mark.parametrize("broken", BROKEN)
async def test_one_of_two_tickers_is_no_majority(broken: str) -> None:
    async with market(2000, BROKEN[broken]) as tickers:
        assert await tickers.why() in (NoRate.MISSING, NoRate.APART)


@pytest.mark.parametrize("slow", [hang, drip])
async def test_nobody_is_held_up_by_a_slow_ticker(slow: Script) -> None:
    async with market(2000, slow, 2010) as tickers:
        started = asyncio.get_running_loop().time()
        assert await tickers.itd() == 2_000
        assert asyncio.get_running_loop().time() - started < 5


@pytest.mark.parametrize(
    ("scripts", "why"),
    [
        ((BROKEN["500"],) * 3, NoRate.MISSING),
        ((BROKEN["stale"],) * 2, NoRate.MISSING),
        ((2000, BROKEN["500"], BROKEN["zero"]), NoRate.MISSING),
        ((2000, 2000, BROKEN["500"], BROKEN["stale"]), NoRate.MISSING),
        ((BROKEN["too small to be an amount"],) * 2, NoRate.MISSING),
        ((2000, 2100), NoRate.APART),
        ((2000, 4000), NoRate.APART),
        ((1000, 2000, 3000), NoRate.APART),
        ((2000, 2100, BROKEN["500"]), NoRate.APART),
    ],
)
async def test_there_is_no_rate_and_it_is_said_why(scripts: tuple[Script, ...], why: NoRate) -> None:
    async with market(*scripts) as tickers:
        assert await tickers.why() is why


async def test_a_spike_of_one_ticker_is_passed_over() -> None:
    async with market(2000, 2000, 2000) as tickers:
        assert await tickers.itd() == 2_000
        for spike in (1, 9_000_000):
            tickers.tell(2001, spike, 2001)
            assert await tickers.itd() == 2_001


async def test_a_ticker_that_nobody_can_reach_is_like_any_other_that_fails() -> None:
    async with market(2000) as tickers:
        urls = (tickers.sources[0].url, "http://127.0.0.1:9/{symbol}")
        async with httpx.AsyncClient() as client:
            with pytest.raises(Refused):
                await HttpRates(RateSettings(rates_urls=urls), client).rate(Asset.ETH)


async def test_without_tickers_there_is_no_rate() -> None:
    async with market() as tickers:
        assert await tickers.why() is NoRate.MISSING


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(prices=st.lists(st.integers(1, 5_000) | st.integers(1_990, 2_010), min_size=1, max_size=5))
async def test_a_rate_is_always_within_the_prices_of_its_tickers(prices: list[int]) -> None:
    async with market(*prices) as tickers:
        try:
            rate = await tickers.itd()
        except Refused:
            return
        assert min(prices) <= rate <= max(prices)


# Jumps


async def test_a_jump_of_all_tickers_is_no_rate_until_it_has_lasted() -> None:
    async with market(2000, 2000, rate_jump_seconds=60) as tickers:
        assert await tickers.itd() == 2_000
        tickers.tell(2500, 2500)
        assert await tickers.why() is NoRate.JUMPED
        tickers.now += 58
        assert await tickers.why() is NoRate.JUMPED
        tickers.now += 2
        assert await tickers.itd() == 2_500
        tickers.tell(2000, 2000)
        assert await tickers.why() is NoRate.JUMPED


async def test_a_jump_of_one_coin_says_nothing_of_another() -> None:
    async with market(2000, 2000) as tickers:
        assert await tickers.itd(Asset.ETH) == 2_000
        tickers.tell(60_000, 60_000)
        assert await tickers.itd(Asset.BTC) == 60_000
        assert await tickers.why(Asset.ETH) is NoRate.JUMPED


# The spread


async def test_who_buys_gets_less_for_a_coin_than_who_withdraws_gives() -> None:
    async with market(2000, rate_spread_basis_points=50) as tickers:
        rate = await tickers.rates.rate(Asset.ETH)
    assert (rate.purchase_minor, rate.itd_minor, rate.withdrawal_minor) == (1_990 * ITD, 2_000 * ITD, 2_010 * ITD)


# Dollars


async def test_a_dollar_has_a_fixed_rate_that_needs_no_ticker() -> None:
    async with market(itd_price_usd="0.80", rate_spread_basis_points=50) as tickers:
        rate = await tickers.rates.rate(Asset.USD)
        assert (rate.itd_minor, rate.purchase_minor, rate.source) == (1_250_000, 1_250_000, "fixed")
        assert abs(datetime.now(UTC) - rate.at) < timedelta(seconds=5)


# Who asks at the same moment


async def test_people_who_quote_at_the_same_moment_share_one_answer() -> None:
    async with market(2000) as tickers:
        many = await asyncio.gather(*(tickers.rates.rate(Asset.ETH) for _ in range(20)))
        assert {id(rate) for rate in many} == {id(many[0])}
        assert len(tickers.sources[0].asked) == 1
        tickers.tell(2001)
        assert await tickers.itd() == 2_001


async def test_nor_do_they_ask_each_for_itself_while_there_is_no_answer() -> None:
    async with market(BROKEN["500"]) as tickers:
        many = await asyncio.gather(*(tickers.rates.rate(Asset.ETH) for _ in range(20)), return_exceptions=True)
        assert all(isinstance(outcome, Refused) for outcome in many)
        assert len(tickers.sources[0].asked) == 1
        tickers.sources[0].script = 2000
        tickers.now += 0.001
        assert await tickers.itd() == 2_000


async def test_one_who_gives_up_waiting_stops_nobody_else() -> None:
    async with market(hang) as tickers:
        impatient = asyncio.create_task(tickers.rates.rate(Asset.ETH))
        await asyncio.sleep(0.1)
        impatient.cancel()
        tickers.tell(2000)
        assert await tickers.itd() == 2_000


async def test_a_rate_of_one_coin_is_not_given_for_another() -> None:
    async with market(2000) as tickers:
        assert await tickers.itd(Asset.ETH) == 2_000
        tickers.sources[0].script = 60_000
        found: Rate = await tickers.rates.rate(Asset.BTC)
        assert (found.asset, found.itd_minor) == (Asset.BTC, 60_000 * ITD)
        assert tickers.sources[0].asked == ["/ETHUSD", "/BTCUSD"]


async def test_a_small_answer_that_grows_when_it_is_unpacked_is_not_unpacked() -> None:
    """Ten megabytes of blanks in ten kilobytes: nobody asked for a packed answer."""
    packed = gzip.compress(b'{"price": "2000"}' + b" " * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()

    async def bomb(reader: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(head + packed)
        await writer.drain()

    tracemalloc.start()
    try:
        async with market(bomb, bomb) as made:
            assert await made.why() is NoRate.MISSING
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
