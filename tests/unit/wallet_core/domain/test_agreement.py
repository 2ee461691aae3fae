"""Agreement: a minority of wrong tickers moves nothing, and a sudden jump has to last."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet_core.world import ITD, NOON
from wallet_core.domain.agreement import Agreement, Answer, Jumps, NoRate, agree
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset

#: Two percent.
APART = 200
#: Ten percent.
JUMP = 1_000
PRICES = st.integers(1, 10**14)
NEAR = st.integers(9_950, 10_050).map(lambda parts: parts * ITD // 5)


def answers(*prices_itd: float) -> list[Answer]:
    return [Answer(f"t{n}", round(price * ITD), NOON - timedelta(seconds=n)) for n, price in enumerate(prices_itd)]


def of(*prices_itd: float, asked: int | None = None) -> Agreement:
    return agree(Asset.ETH, answers(*prices_itd), asked or len(prices_itd), APART)


def why(*prices_itd: float, asked: int | None = None) -> NoRate:
    with pytest.raises(Refused) as refused:
        of(*prices_itd, asked=asked)
    assert (refused.value.reason, refused.value.facts["asset"]) == (Reason.RATE_UNAVAILABLE, Asset.ETH)
    found: NoRate = refused.value.facts["why"]
    return found


@pytest.mark.parametrize(
    ("prices", "median"),
    [
        ((2_000,), 2_000),
        ((2_000, 2_040), 2_000),
        ((2_010, 2_000, 2_020), 2_010),
        ((2_000, 2_010, 1_000_000), 2_010),
        ((0.000001, 2_000, 2_010), 2_000),
        ((2_010, 2_000, 2_030, 2_020), 2_010),
        ((1, 2_000, 2_010, 2_020, 9_000), 2_010),
    ],
)
def test_it_is_the_lower_median_and_one_that_is_far_off_decides_nothing(
    prices: tuple[float, ...], median: float
) -> None:
    assert of(*prices).itd_minor == median * ITD


@pytest.mark.parametrize(
    ("prices", "asked"), [((), 0), ((), 1), ((2_000,), 2), ((2_000,), 3), ((2_000, 2_000), 4), ((2_000, 2_000), 5)]
)
def test_half_of_the_tickers_is_too_few(prices: tuple[float, ...], asked: int) -> None:
    with pytest.raises(Refused) as refused:
        agree(Asset.ETH, answers(*prices), asked, APART)
    assert refused.value.facts["why"] is NoRate.MISSING


@pytest.mark.parametrize(
    ("prices", "asked"),
    [
        ((2_000, 2_041), 2),
        ((1_000, 2_000, 3_000), 3),
        ((2_000, 2_100), 3),
        ((2_000, 2_000, 3_000, 3_000), 4),
        ((2_000, 2_010, 5_000), 5),
    ],
)
def test_tickers_of_which_no_majority_agrees_make_no_rate(prices: tuple[float, ...], asked: int) -> None:
    assert why(*prices, asked=asked) is NoRate.APART


def test_who_agrees_and_the_oldest_of_their_times_are_told() -> None:
    found = of(2_000, 9_000, 2_010)
    assert (found.source, found.at) == ("t0, t2", NOON - timedelta(seconds=2))
    assert not found.unanimous
    assert of(2_000, 2_010).unanimous
    assert not of(2_000, 2_010, asked=3).unanimous


@given(prices=st.lists(PRICES, min_size=1, max_size=9), silent=st.integers(0, 4))
def test_a_rate_is_one_of_the_prices_and_most_tickers_are_near_it(prices: list[int], silent: int) -> None:
    given_answers = [Answer(f"t{n}", price, NOON) for n, price in enumerate(prices)]
    asked = len(prices) + silent
    try:
        found = agree(Asset.BTC, given_answers, asked, APART)
    except Refused:
        return
    assert found.itd_minor in prices
    assert min(prices) <= found.itd_minor <= max(prices)
    near = [price for price in prices if abs(price - found.itd_minor) * 10_000 <= APART * found.itd_minor]
    assert len(near) * 2 > asked


@given(honest=st.lists(NEAR, min_size=1, max_size=5), data=st.data())
def test_a_minority_of_liars_moves_it_no_further_from_an_honest_price_than_they_may_be_apart(
    honest: list[int], data: st.DataObject
) -> None:
    """Also while some of the honest ones are silent."""
    liars = data.draw(st.lists(PRICES, max_size=len(honest) - 1))
    silent = data.draw(st.integers(0, len(honest) - 1))
    prices = data.draw(st.permutations(honest[silent:] + liars))
    try:
        found = agree(Asset.BTC, [Answer("t", p, NOON) for p in prices], len(honest) + len(liars), APART)
    except Refused:
        return
    assert any(abs(price - found.itd_minor) * 10_000 <= APART * found.itd_minor for price in honest)


@given(honest=st.lists(NEAR, min_size=1, max_size=5), data=st.data())
def test_liars_who_are_the_minority_cannot_even_stop_it_while_the_honest_ones_answer(
    honest: list[int], data: st.DataObject
) -> None:
    liars = data.draw(st.lists(PRICES, max_size=len(honest) - 1))
    prices = data.draw(st.permutations(honest + liars))
    found = agree(Asset.BTC, [Answer("t", price, NOON) for price in prices], len(prices), APART)
    assert min(honest) <= found.itd_minor <= max(honest)


# Jumps. A step is: at this second these prices of three tickers, and whether that is a rate.

CALM = (2_000, 2_001, 2_002)
HIGHER = (2_300, 2_301, 2_302)
LOWER = (1_700, 1_701, 1_702)
Step = tuple[float, tuple[float, ...], bool]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([(0, CALM, True), (1, CALM, True)], id="calm"),
        pytest.param([(0, HIGHER, True)], id="the first one has nothing to be compared with"),
        pytest.param([(0, CALM, True), (1, (2_201, 2_201, 2_201), True)], id="ten percent is no jump"),
        pytest.param([(0, CALM, True), (1, (2_202, 2_202, 2_202), False)], id="more is one"),
        pytest.param([(0, CALM, True), (1, LOWER, False)], id="downwards as well"),
        pytest.param([(0, CALM, True), (1, HIGHER, False), (60.9, HIGHER, False), (61, HIGHER, True)], id="it lasts"),
        pytest.param(
            [(0, CALM, True), (1, HIGHER, False), (61, HIGHER, True), (62, HIGHER, True), (63, CALM, False)],
            id="then it is the rate, and the way back a jump",
        ),
        pytest.param([(0, CALM, True), (1, HIGHER, False), (30, CALM, True), (61, HIGHER, False)], id="it went back"),
        pytest.param(
            [(0, CALM, True), (1, HIGHER, False), (30, LOWER, False), (61, LOWER, False), (90, LOWER, True)],
            id="another jump counts anew",
        ),
        pytest.param(
            [(0, CALM, True), (1, (2_300, 2_300), False), (61, (2_300, 2_300), False), (3_600, (2_300, 2_300), False)],
            id="a silent one agrees to no jump",
        ),
        pytest.param(
            [
                (0, CALM, True),
                (1, HIGHER, False),
                (30, (2_300, 2_300), False),
                (61, HIGHER, False),
                (121, HIGHER, True),
            ],
            id="it counts from when all agree",
        ),
        pytest.param(
            [(0, CALM, True), (1, (2_000, 2_300, 2_300), False), (61, (2_000, 2_300, 2_300), False)],
            id="one that stays behind agrees to no jump",
        ),
        pytest.param([(0, CALM, True), (3_600, HIGHER, False)], id="an hour ago"),
        pytest.param([(0, CALM, True), (3_600.1, HIGHER, True)], id="longer ago"),
        pytest.param(
            [(0, CALM, True), (1, HIGHER, False), (3_601, (2_300, 2_300), True)],
            id="who did not agree holds up an hour",
        ),
    ],
)
def test_a_jump_is_a_rate_when_all_tickers_have_kept_to_it(steps: list[Step]) -> None:
    jumps = Jumps(JUMP, 60)
    for at_seconds, prices, allowed in steps:
        assert jumps.allow(of(*prices, asked=3), at_seconds) is allowed, at_seconds


def test_where_no_time_is_asked_for_a_jump_is_the_rate_at_once() -> None:
    jumps = Jumps(JUMP, 0)
    assert jumps.allow(of(*CALM), 0)
    assert jumps.allow(of(*HIGHER), 1)
    assert not jumps.allow(of(2_000, 2_000, asked=3), 2)


@given(prices=st.lists(st.tuples(NEAR | PRICES, st.floats(0.1, 100)), min_size=2, max_size=20))
def test_no_two_rates_within_an_hour_are_far_apart_unless_the_second_has_lasted(
    prices: list[tuple[int, float]],
) -> None:
    jumps, now, last, seen = Jumps(JUMP, 60), 0.0, None, []
    for price, wait in prices:
        now += wait
        seen.append((now, price))
        if jumps.allow(Agreement(price, (Answer("t", price, NOON),), True), now):
            if last is not None and abs(price - last[1]) * 10_000 > JUMP * last[1] and now - last[0] <= 3_600:
                assert any(at <= now - 60 for at, _ in seen if at > last[0])
            last = now, price
