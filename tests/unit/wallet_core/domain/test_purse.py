"""Who gets the coins when there are too few."""

from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.purse import Purse


def test_small_ones_pass_a_large_one_until_it_is_old() -> None:
    purse = Purse(available_minor=100, cost_minor=1)
    assert not purse.take(200)
    assert purse.take(49)
    assert not purse.take(200)
    purse.set_aside(200)
    assert not purse.take(1)


def test_what_is_more_than_an_old_one_needs_is_still_given() -> None:
    purse = Purse(available_minor=1_000, cost_minor=1)
    purse.set_aside(599)
    assert purse.take(399)
    assert not purse.take(0)


def test_each_one_costs_its_fee() -> None:
    purse = Purse(available_minor=21, cost_minor=1)
    assert [purse.take(6) for _ in range(4)] == [True, True, True, False]


@given(st.integers(0, 1_000), st.integers(0, 5), st.lists(st.tuples(st.integers(1, 300), st.booleans())))
def test_no_more_is_given_than_there_is(available: int, cost: int, asked: list[tuple[int, bool]]) -> None:
    purse = Purse(available, cost)
    given_minor = 0
    for coin, old in asked:
        if purse.take(coin):
            given_minor += coin + cost
        elif old:
            purse.set_aside(coin)
    assert given_minor <= available
    assert purse.available_minor == available - given_minor
