"""Quotes: integers throughout, and every rest stays with the house."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet_core.world import ETH, ETH_RATE_MINOR, ITD, NOON
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.quote import Rate, coins_for, coins_out, itd_for, itd_worth, share, without_share

COINS = st.sampled_from([Asset.BTC, Asset.LTC, Asset.ETH])
ITD_AMOUNTS = st.integers(1, 10**15)
RATES = st.integers(1, 10**14)
COIN_AMOUNTS = st.integers(0, 10**24)
BASIS_POINTS = st.integers(0, 5_000)


def test_two_thousand_itd_are_one_ether_at_that_rate() -> None:
    assert coins_for(2_000 * ITD, ETH_RATE_MINOR, Asset.ETH) == ETH
    assert coins_out(2_000 * ITD, ETH_RATE_MINOR, Asset.ETH) == ETH
    assert itd_for(ETH, ETH_RATE_MINOR, Asset.ETH) == itd_worth(ETH, ETH_RATE_MINOR, Asset.ETH) == 2_000 * ITD


@pytest.mark.parametrize(
    ("amount", "basis_points", "fee"), [(10_000, 100, 100), (1, 100, 1), (0, 100, 0), (10_001, 100, 101), (99, 0, 0)]
)
def test_a_share_is_rounded_up(amount: int, basis_points: int, fee: int) -> None:
    assert share(amount, basis_points) == fee


@given(asset=COINS, itd=ITD_AMOUNTS, rate=RATES)
def test_a_buyer_pays_enough_and_not_one_unit_more_than_needed(asset: Asset, itd: int, rate: int) -> None:
    coins = coins_for(itd, rate, asset)
    assert itd_for(coins, rate, asset) >= itd
    assert Fraction((coins - 1) * rate, one_coin_minor(asset)) < itd


@given(asset=COINS, itd=ITD_AMOUNTS, rate=RATES)
def test_a_withdrawal_pays_no_more_than_it_takes_and_less_than_one_unit_is_kept(
    asset: Asset, itd: int, rate: int
) -> None:
    coins = coins_out(itd, rate, asset)
    assert Fraction(coins * rate, one_coin_minor(asset)) <= itd < Fraction((coins + 1) * rate, one_coin_minor(asset))


@given(asset=COINS, itd=ITD_AMOUNTS, rate=RATES)
def test_nobody_gets_richer_by_buying_and_withdrawing_at_one_rate(asset: Asset, itd: int, rate: int) -> None:
    assert coins_out(itd, rate, asset) <= coins_for(itd, rate, asset)
    assert itd_for(coins_out(itd, rate, asset), rate, asset) <= itd


@given(asset=COINS, coins=COIN_AMOUNTS, rate=RATES)
def test_what_is_credited_is_never_above_what_the_coins_are_worth(asset: Asset, coins: int, rate: int) -> None:
    worth = Fraction(coins * rate, one_coin_minor(asset))
    assert itd_for(coins, rate, asset) <= worth <= itd_worth(coins, rate, asset)
    assert itd_worth(coins, rate, asset) - itd_for(coins, rate, asset) <= 1


@given(asset=COINS, itd=ITD_AMOUNTS, rate=RATES)
def test_the_house_books_no_more_for_a_payout_than_the_person_gave(asset: Asset, itd: int, rate: int) -> None:
    assert itd_worth(coins_out(itd, rate, asset), rate, asset) <= itd


@given(gross=st.integers(0, 10**24), basis_points=BASIS_POINTS)
def test_an_amount_and_its_share_never_exceed_what_was_paid(gross: int, basis_points: int) -> None:
    amount = without_share(gross, basis_points)
    assert amount + share(amount, basis_points) <= gross
    assert amount + 1 + share(amount + 1, basis_points) > gross


@given(amount=st.integers(0, 10**24), basis_points=BASIS_POINTS)
def test_taking_the_share_away_again_gives_the_amount_back(amount: int, basis_points: int) -> None:
    assert without_share(amount + share(amount, basis_points), basis_points) == amount


@given(asset=COINS, itd=ITD_AMOUNTS, rate=RATES, spread=BASIS_POINTS)
def test_the_spread_is_for_the_house_on_both_sides(asset: Asset, itd: int, rate: int, spread: int) -> None:
    spread_out = Rate(asset, rate, "t", NOON, spread)
    assert spread_out.purchase_minor <= rate * (1 - Fraction(spread, 10_000)) < spread_out.purchase_minor + 1
    assert spread_out.withdrawal_minor - 1 < rate * (1 + Fraction(spread, 10_000)) <= spread_out.withdrawal_minor
    if spread_out.purchase_minor:
        paid, got = coins_for(itd, spread_out.purchase_minor, asset), coins_out(itd, spread_out.withdrawal_minor, asset)
        assert got <= coins_out(itd, rate, asset) <= coins_for(itd, rate, asset) <= paid


def test_without_a_spread_people_trade_at_the_rate() -> None:
    rate = Rate(Asset.ETH, ETH_RATE_MINOR, "t", NOON)
    assert rate.purchase_minor == rate.withdrawal_minor == ETH_RATE_MINOR
