"""Coins for payments: nothing appears or vanishes, the fee is enough, and the wallet neither runs dry nor crumbles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.wallet_core.domain.coin_wallets import (
    COIN,
    DUST,
    TERMS,
    check,
    coins,
    orders,
    paid,
    terms,
    values_of,
    wallets,
)
from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_selection import gather_small, raised, select, spend
from wallet_core.domain.coin_transaction import Payment, Replaced, Terms, least_change, most_fee
from wallet_core.domain.transaction_size import fitting, transaction_vsize


@given(wallets, orders, terms)
def test_nothing_appears_or_vanishes_and_the_fee_is_enough(
    wallet: list[Utxo], payments: list[Payment], kept_to: Terms
) -> None:
    found = select(wallet, payments, kept_to)
    assume(found is not None)
    assert found is not None
    check(found, payments, kept_to, least_minor=DUST if not payments else None)
    assert set(found.inputs) <= set(wallet)


@given(wallets, orders, terms)
def test_what_costs_more_than_the_rate_is_less_than_a_useful_change(
    wallet: list[Utxo], payments: list[Payment], kept_to: Terms
) -> None:
    found = select(wallet, payments, kept_to)
    assume(found is not None and payments)
    assert found is not None
    assert found.fee_minor - kept_to.rate_minor * found.vsize < least_change(DUST) + 31 * kept_to.rate_minor


@given(wallets, orders, terms)
def test_enough_money_is_always_found(wallet: list[Utxo], payments: list[Payment], kept_to: Terms) -> None:
    """Spending everything that is worth it, into one coin, is the most that any selection could do."""
    worth = [utxo for utxo in wallet if utxo.value_minor > 68 * kept_to.rate_minor]
    everything = spend(worth, payments, replace(kept_to, change_outputs=1)) if payments else None
    if everything is not None:
        generous = replace(kept_to, max_fee_minor=COIN, max_vsize=95_000)
        assert select(wallet, payments, generous) is not None


def test_a_small_need_is_met_by_the_smallest_coin_that_suffices() -> None:
    found = select(coins(COIN, 50_000, 20_000, 3_000), paid(10_000), TERMS)
    assert found is not None
    assert values_of(found.inputs) == [20_000]


def test_a_large_need_is_met_by_few_coins() -> None:
    found = select(coins(*[1_000] * 50, *[COIN] * 3, 60_000), paid(2 * COIN), TERMS)
    assert found is not None
    assert values_of(found.inputs) == [COIN, COIN, 60_000]


def test_change_comes_back_in_as_many_coins_as_are_wanted() -> None:
    found = select(coins(COIN), paid(COIN // 2), TERMS)
    assert found is not None
    assert len(found.change_minor) == 10
    among_others = select(coins(*[COIN] * 7), paid(COIN // 2), TERMS)
    assert among_others is not None
    assert len(among_others.change_minor) == 4


def test_stray_dust_does_not_stop_change_from_being_split() -> None:
    found = select(coins(COIN, *[1_000] * 1_000), paid(COIN // 2), TERMS)
    assert found is not None
    assert len(found.change_minor) == 10


@pytest.mark.parametrize(("change", "pieces"), [(2_900, 0), (2_950, 1), (50_000, 1), (60_000, 2), (1_000_000, 10)])
def test_change_is_useful_or_goes_to_the_fee(change: int, pieces: int) -> None:
    vsize = transaction_vsize(1, 1 + max(1, pieces), 31 * (1 + max(1, pieces)))
    found = select(coins(10_000 + TERMS.rate_minor * vsize + change), paid(10_000), TERMS)
    assert found is not None
    assert len(found.change_minor) == pieces
    assert sum(found.change_minor) == (change if pieces else 0)


def test_there_is_change_to_raise_a_fee_from_if_the_coins_allow_it() -> None:
    exact = 10_000 + TERMS.rate_minor * transaction_vsize(1, 1, 31)
    alone, with_another = select(coins(exact), paid(10_000), TERMS), select(coins(exact, 9_000), paid(10_000), TERMS)
    assert alone is not None
    assert alone.change_minor == ()
    assert with_another is not None
    assert values_of(with_another.inputs) == [exact, 9_000]
    assert with_another.change_minor


def test_small_coins_are_gathered_while_fees_are_low_and_there_are_many() -> None:
    wallet = coins(COIN, *[20_000] * 25)
    low = replace(TERMS, rate_minor=2, low_rate_minor=2)
    found = select(wallet, paid(COIN // 2), low)
    assert found is not None
    assert len(found.inputs) == 16
    dear = select(wallet, paid(COIN // 2), replace(low, rate_minor=3))
    assert dear is not None
    assert len(dear.inputs) == 1


def test_a_wallet_neither_crumbles_nor_runs_out_of_final_coins() -> None:
    """300 batches, one for each block, whose change may be spent 24 blocks later."""
    wallet, waiting, missed = coins(100 * COIN), list[list[int]](), 0
    low = replace(TERMS, rate_minor=2, low_rate_minor=2)
    for number in range(300):
        found = select(wallet, paid(*[COIN // 100 + number] * 20), low)
        missed += found is None
        spent = found.inputs if found else ()
        waiting.append(list(found.change_minor) if found else [])
        left = [utxo.value_minor for utxo in wallet if utxo not in spent]
        wallet = coins(*left, *(waiting.pop(0) if len(waiting) > 24 else []))
    assert missed < 24 * 3
    assert len(wallet) + sum(map(len, waiting)) < 60
    assert min(values_of(wallet)) >= 100 * DUST


@pytest.mark.parametrize(
    "kept_to",
    [{"max_fee_minor": 1_000}, {"max_vsize": 100}, {"max_rate_minor": 9}, {"rate_minor": 2_000_000}],
    ids=["the fee cap", "the size", "the rate", "coins that are worth less than it costs to spend them"],
)
def test_what_a_limit_forbids_is_not_made(kept_to: dict[str, Any]) -> None:
    assert select(coins(COIN), paid(10_000), replace(TERMS, **kept_to)) is None


@pytest.mark.parametrize("room", [0, 30, 31])
def test_change_that_is_worth_a_coin_is_not_burned_where_it_just_does_not_fit(room: int) -> None:
    exactly = replace(TERMS, max_vsize=transaction_vsize(1, 3, 93) + room, change_outputs=1)
    found = select(coins(COIN // 10), paid(*[10_000] * 3), exactly)
    assert found is None if room < 31 else found is not None and found.change_minor != ()


def test_change_too_small_to_be_made_is_allowed_on_top_of_the_highest_rate() -> None:
    highest = replace(TERMS, rate_minor=500)
    vsize = transaction_vsize(1, 1, 31)
    found = select(coins(10_000 + 500 * (vsize + 31) + least_change(DUST) - 1), paid(10_000), highest)
    assert found is not None
    assert (found.change_minor, found.fee_minor) == ((), 500 * (vsize + 31) + least_change(DUST) - 1)
    assert 500 * vsize < found.fee_minor <= most_fee(vsize, 500, DUST)


def test_a_wallet_that_is_short_pays_nothing() -> None:
    assert select(coins(10_000, 20_000), paid(29_000), TERMS) is None
    assert select([], paid(29_000), TERMS) is None


def test_so_many_outputs_fit_as_the_size_says() -> None:
    count = fitting([31] * 4_000, inputs=5, change=10)
    assert transaction_vsize(5, count + 10, 31 * (count + 10)) <= 95_000
    assert transaction_vsize(5, count + 11, 31 * (count + 11)) > 95_000
    assert fitting([31, 43, 34], inputs=1, change=1) == 3
    assert fitting([31, 43, 34], inputs=1, change=1, max_vsize=150) == 1


def test_many_small_coins_are_gathered_into_as_many_as_are_lacking_while_fees_are_low() -> None:
    wallet = coins(*[COIN] * 3, *[100_000] * 60)
    kept_to = replace(TERMS, rate_minor=1, low_rate_minor=1, change_outputs=5)
    found = gather_small(wallet, 50, kept_to)
    assert found is not None
    # Five stay for batches.
    assert {utxo.value_minor for utxo in found.inputs} == {100_000} and len(found.inputs) == 58
    assert len(found.change_minor) == 2
    assert sum(found.change_minor) == 58 * 100_000 - found.fee_minor
    assert gather_small(wallet, 58, kept_to) is None
    assert gather_small(wallet, 50, replace(kept_to, rate_minor=2)) is None


def test_equal_coins_are_small_only_where_they_are_very_many() -> None:
    kept_to = replace(TERMS, rate_minor=1, low_rate_minor=1, change_outputs=2)
    assert gather_small(coins(*[COIN] * 20), 5, kept_to) is None
    found = gather_small(coins(*[COIN] * 21), 5, kept_to)
    assert found is not None and (len(found.inputs), len(found.change_minor)) == (19, 1)


@given(st.lists(st.integers(80_000, 120_000), min_size=60, max_size=200), st.integers(1, 10))
def test_gathering_leaves_the_largest_coins_to_batches(values: list[int], change_outputs: int) -> None:
    """Or nothing could be paid until what was gathered is final."""
    kept_to = replace(TERMS, rate_minor=1, low_rate_minor=1, change_outputs=change_outputs)
    wallet = coins(*values)
    found = gather_small(wallet, 5, kept_to)
    assume(found is not None)
    assert found is not None
    left = values_of([utxo for utxo in wallet if utxo not in found.inputs])
    assert sum(value >= max(values_of(found.inputs)) for value in left) >= change_outputs


def test_a_gathering_that_is_raised_keeps_its_pieces() -> None:
    kept_to = replace(TERMS, rate_minor=1, low_rate_minor=1, change_outputs=5)
    first = gather_small(coins(*[COIN] * 3, *[100_000] * 60), 50, kept_to)
    assert first is not None
    replaced = Replaced(first.fee_minor, first.vsize, 1)
    found = raised(first.inputs, [], replace(kept_to, rate_minor=3), replaced, pieces=len(first.change_minor))
    assert found is not None and (found.inputs, len(found.change_minor)) == (first.inputs, 2)
    assert found.fee_minor > first.fee_minor
