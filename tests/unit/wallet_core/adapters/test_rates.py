"""Rates: no single ticker decides, and none is believed that is old, broken or alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.adapters.rates import HttpRates, price_of
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset

MINUTE = timedelta(seconds=60)
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.mark.parametrize("price", ["2000", "2000.5", 2000, 2000.5, "0.000000000001", "999999999999"])
def test_a_plain_positive_decimal_is_a_price(price: Any) -> None:
    assert price_of({"price": price}, NOON, MINUTE) == Decimal(str(price))


@pytest.mark.parametrize(
    "answer",
    [
        *({}, {"price": None}, {"price": ""}, {"price": "0"}, {"price": 0}, {"price": "0.000"}),
        *({"price": "-1"}, {"price": -1}, {"price": "+1"}, {"price": "1e9"}, {"price": "NaN"}, {"price": float("inf")}),
        *(
            {"price": "1,000"},
            {"price": "1_000"},
            {"price": " 1"},
            {"price": "1\n"},
            {"price": "٢٠٠٠"},
            {"price": True},
        ),
        *({"price": [1]}, {"price": "1" * 13}, {"price": "1." + "1" * 13}, {"price": "9" * 10_000}),
    ],
)
def test_what_is_no_price_is_not_taken_for_one(answer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a price"):
        price_of(answer, NOON, MINUTE)


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (60, True), (60.001, False), (86_400, False)])
def test_a_price_older_than_allowed_is_none(age: float, fresh: bool) -> None:
    answer = {"price": "2000", "time": (NOON - timedelta(seconds=age)).isoformat()}
    if fresh:
        assert price_of(answer, NOON, MINUTE) == 2_000
    else:
        with pytest.raises(ValueError, match="not of now"):
            price_of(answer, NOON, MINUTE)


@pytest.mark.parametrize("time", ["yesterday", "", "2026-13-01T00:00:00Z", 1_700_000_000_000])
def test_a_time_that_cannot_be_read_makes_the_price_worthless(time: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        price_of({"price": "2000", "time": time}, NOON, MINUTE)


def rates(*answers: Any, itd_price_usd: str = "1.00", seen: list[str] | None = None) -> HttpRates:
    """Rates whose tickers answer these prices, responses or errors in turn, each at a host of its own."""

    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(str(request.url))
        answer = answers[int(request.url.host.removeprefix("ticker"))]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json={"price": answer})

    urls = [f"https://ticker{n}/price?symbol={{symbol}}" for n in range(len(answers))]
    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return HttpRates(urls, itd_price_usd=Decimal(itd_price_usd), max_age=MINUTE, client=client)


async def rate_of(*answers: Any, **options: Any) -> int:
    return (await rates(*answers, **options).rate(Asset.ETH)).itd_minor


BROKEN = [
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    httpx.Response(500),
    httpx.Response(302, headers={"location": "http://elsewhere"}),
    httpx.Response(200, text="<html>"),
    httpx.Response(200, json={"price": "0"}),
    httpx.Response(200, json={"error": "symbol"}),
]


async def test_the_rate_is_itd_for_one_coin() -> None:
    assert await rate_of("2000.5") == 2_000_500_000


async def test_the_price_of_an_itd_divides_and_the_rest_is_cut() -> None:
    assert await rate_of("2000", itd_price_usd="2") == 1_000 * ITD
    assert await rate_of("1", itd_price_usd="3") == 333_333


async def test_each_ticker_is_asked_for_the_coin_in_dollars() -> None:
    seen: list[str] = []
    await rate_of("1", "2", seen=seen)
    assert sorted(seen) == ["https://ticker0/price?symbol=ETHUSD", "https://ticker1/price?symbol=ETHUSD"]


@pytest.mark.parametrize(
    ("prices", "median"),
    [(("1", "2", "1000000"), 2), (("1000000", "1", "2"), 2), (("3", "1"), 1), (("4", "1", "3", "2"), 2)],
)
async def test_one_ticker_that_is_far_off_does_not_decide(prices: tuple[str, ...], median: int) -> None:
    assert await rate_of(*prices) == median * ITD


@pytest.mark.parametrize("broken", BROKEN, ids=str)
async def test_a_ticker_that_fails_does_not_stop_a_majority(broken: Any) -> None:
    assert await rate_of("2000", broken, "2000") == 2_000 * ITD


@pytest.mark.parametrize("broken", BROKEN, ids=str)
async def test_without_a_majority_there_is_no_rate(broken: Any) -> None:
    for answers in ((broken,), ("2000", broken), ("2000", broken, broken), ("1", "1", broken, broken)):
        with pytest.raises(Refused) as refused:
            await rate_of(*answers)
        assert refused.value.reason is Reason.RATE_UNAVAILABLE
        assert refused.value.facts == {"asset": Asset.ETH}


async def test_without_tickers_there_is_no_rate() -> None:
    with pytest.raises(Refused):
        await rate_of()


async def test_the_rate_says_where_it_is_from_and_since_when() -> None:
    rate = await rates("1", "2").rate(Asset.ETH)
    assert rate.source == "ticker0, ticker1"
    assert abs(datetime.now(UTC) - rate.at) < MINUTE


async def test_people_who_quote_at_the_same_moment_share_one_answer() -> None:
    seen: list[str] = []
    shared = rates("1", seen=seen)
    assert await shared.rate(Asset.ETH) is await shared.rate(Asset.ETH)
    assert len(seen) == 1


async def test_a_rate_of_one_coin_is_not_given_for_another() -> None:
    seen: list[str] = []
    shared = rates("1", seen=seen)
    await shared.rate(Asset.ETH)
    await shared.rate(Asset.BTC)
    assert [url.rpartition("=")[2] for url in seen] == ["ETHUSD", "BTCUSD"]
