"""Raises, no-ops and children of transactions of coins: the same payments, a higher fee, nothing wasted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.wallet_core.domain.coin_wallets import (
    COIN,
    DUST,
    TERMS,
    amounts,
    check,
    coins,
    orders,
    paid,
    terms,
    values_of,
    wallets,
)
from wallet_core.domain import coin_transaction
from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_selection import child, raised, select, spend
from wallet_core.domain.coin_transaction import Frame, Offered, Payment, Replaced, Selection, Terms, least_change
from wallet_core.domain.transaction_size import transaction_vsize


@given(wallets, orders, terms, st.tuples(st.integers(1, 300), st.integers(1, 5)), wallets)
def test_a_raise_keeps_inputs_and_payments_and_is_taken_for_a_replacement(
    wallet: list[Utxo], payments: list[Payment], kept_to: Terms, rates: tuple[int, int], others: list[Utxo]
) -> None:
    first = select(wallet, payments, kept_to)
    assume(first is not None)
    assert first is not None
    spare = [replace(utxo, index=1) for utxo in others]
    rate, relay = rates
    replaced = Replaced(first.fee_minor, first.vsize, relay)
    higher = replace(kept_to, rate_minor=rate)
    again = raised(first.inputs, payments, higher, replaced, spare)
    assume(again is not None)
    assert again is not None
    check(again, payments, higher, least_minor=DUST if not payments else None)
    assert again.inputs[: len(first.inputs)] == first.inputs
    assert set(again.inputs[len(first.inputs) :]) <= set(spare)
    lacking = again.fee_minor - higher.max_rate_minor * again.vsize
    assert lacking <= (0 if again.change_minor else least_change(DUST) + 33 * higher.max_rate_minor)
    # BIP 125, rules 3 and 4; and Bitcoin Core's own, that the rate is higher.
    assert again.fee_minor >= first.fee_minor + relay * again.vsize
    assert again.fee_minor * first.vsize > first.fee_minor * again.vsize


def one_by_one(
    inputs: tuple[Utxo, ...], payments: list[Payment], kept_to: Terms, replaced: Replaced, spare: list[Utxo]
) -> Selection | None:
    """``raised`` as slowly as can be: everything is summed up anew for each number of coins, up to the last."""
    useful = [utxo for utxo in spare if utxo.value_minor > 68 * kept_to.rate_minor]
    useful.sort(key=lambda utxo: (-utxo.value_minor, utxo.id))
    for more in range(len(useful) + 1):
        large = sum(utxo.value_minor >= kept_to.useful_piece_minor for utxo in useful[more:])
        pieces = max(1, kept_to.change_outputs - large) if payments else 1
        spent = (*inputs, *useful[:more])
        frame = Frame.of(spent, payments)
        change = frame.change(kept_to, pieces, replaced)
        if change is not None:
            return Selection(spent, change, frame.left_minor - sum(change), frame.vsize(len(change)))
    return None


@given(
    st.lists(amounts, min_size=1, max_size=5),
    st.lists(st.integers(DUST, 100_000), max_size=20),
    terms,
    st.builds(Replaced, st.integers(110, 200_000), st.integers(110, 3_000), st.integers(1, 5)),
    st.lists(st.integers(DUST, 100_000), max_size=40),
)
def test_a_raise_that_stops_early_finds_what_a_patient_one_finds(
    inputs: list[int], outputs: list[int], kept_to: Terms, replaced: Replaced, others: list[int]
) -> None:
    spent, spare = coins(*inputs), [replace(utxo, index=1) for utxo in coins(*others)]
    found = raised(spent, paid(*outputs), kept_to, replaced, spare)
    assert found == one_by_one(tuple(spent), paid(*outputs), kept_to, replaced, spare)


class Counted(list[Payment]):
    """Payments that count how often somebody goes through them."""

    walks = 0

    def __iter__(self) -> Iterator[Payment]:
        self.walks += 1
        return super().__iter__()


@pytest.mark.parametrize(
    ("kept_to", "most_sizes"),
    [(TERMS, 2_000), (replace(TERMS, max_fee_minor=20_000), 40), (replace(TERMS, max_vsize=3_000), 600)],
    ids=["a high fee", "a low fee", "a small transaction"],
)
def test_a_raise_that_cannot_be_does_not_try_every_coin_of_the_wallet(
    monkeypatch: pytest.MonkeyPatch, kept_to: Terms, most_sizes: int
) -> None:
    """It is tried again at every block, for thousands of payouts with thousands of coins."""
    sized: list[int] = []

    def counting(inputs: int, outputs: int, size: int) -> int:
        sized.append(inputs)
        return transaction_vsize(inputs, outputs, size)

    monkeypatch.setattr(coin_transaction, "transaction_vsize", counting)
    payments, spare = Counted(paid(COIN)), [replace(utxo, index=1) for utxo in coins(*[1_000] * 2_000)]
    replaced = Replaced(19_000, 200, 1)
    assert raised(coins(COIN), payments, kept_to, replaced, spare) is None
    assert payments.walks <= 2 and len(sized) <= most_sizes


@given(st.lists(amounts, min_size=1, max_size=10), st.integers(0, 20_000), st.integers(110, 95_000), terms)
def test_a_child_pays_for_its_parents(change: list[int], fee: int, vsize: int, kept_to: Terms) -> None:
    found = child(coins(*change), Offered(fee, vsize), kept_to)
    assume(found is not None)
    assert found is not None
    assert sum(values_of(found.inputs)) == sum(found.change_minor) + found.fee_minor
    assert found.fee_minor + fee >= kept_to.rate_minor * (found.vsize + vsize)
    assert found.fee_minor >= kept_to.rate_minor * found.vsize
    assert found.fee_minor + fee <= kept_to.max_fee_minor
    assert len(found.change_minor) == 1
    assert found.change_minor[0] >= DUST


def test_a_raise_beyond_the_highest_rate_is_not_made() -> None:
    first = select(coins(COIN), paid(COIN // 2), replace(TERMS, rate_minor=60))
    assert first is not None
    least = replace(TERMS, rate_minor=75, max_rate_minor=75)
    assert raised(first.inputs, paid(COIN // 2), least, Replaced(first.fee_minor, first.vsize, 15)) is not None
    assert raised(first.inputs, paid(COIN // 2), least, Replaced(first.fee_minor, first.vsize, 16)) is None


def test_a_raise_takes_a_spare_coin_when_the_change_is_used_up() -> None:
    first = select(coins(50_000), paid(40_000), TERMS)
    assert first is not None
    replaced = Replaced(first.fee_minor, first.vsize, 1)
    higher = replace(TERMS, rate_minor=100)
    assert raised(first.inputs, paid(40_000), higher, replaced) is None
    spare = [Utxo("ff" * 32, 3, 30_000, 1)]
    again = raised(first.inputs, paid(40_000), higher, replaced, spare)
    assert again is not None
    assert again.inputs == (*first.inputs, *spare)


def test_a_raise_does_not_crumble_the_change() -> None:
    wallet = coins(*[COIN] * 10)
    first = select(wallet, paid(COIN // 2), TERMS)
    assert first is not None
    spare = [utxo for utxo in wallet if utxo not in first.inputs]
    again = raised(first.inputs, paid(COIN // 2), TERMS, Replaced(first.fee_minor, first.vsize, 1), spare)
    assert again is not None
    assert len(first.change_minor) == len(again.change_minor) == 1


def test_inputs_without_payments_come_back_to_us_however_small() -> None:
    found = spend(coins(1_500), [], TERMS)
    assert found is not None
    assert found.change_minor == (1_500 - 10 * found.vsize,)
    assert found.change_minor[0] < least_change(DUST)
    assert spend(coins(1_300), [], TERMS) is None


def test_a_no_op_outbids_the_payment_that_it_replaces() -> None:
    first = select(coins(COIN), paid(*[10_000] * 100), TERMS)
    assert first is not None
    no_op = raised(first.inputs, [], TERMS, Replaced(first.fee_minor, first.vsize, 1))
    assert no_op is not None
    assert no_op.fee_minor >= first.fee_minor + no_op.vsize


def test_what_pays_nobody_comes_back_in_one_piece() -> None:
    found = spend(coins(COIN), [], TERMS)
    assert found is not None
    assert found.change_minor == (COIN - 10 * transaction_vsize(1, 1, 31),)


def test_a_younger_child_spends_what_the_elder_left_and_more_only_if_it_must() -> None:
    elder, free = [Utxo("ee" * 32, 0, 20_000, None)], coins(30_000)
    first = child(free, Offered(1_000, 200), replace(TERMS, rate_minor=20), elder)
    assert first is not None
    assert list(first.inputs) == elder
    more = child(free, Offered(1_000, 200), replace(TERMS, rate_minor=70), elder)
    assert more is not None
    assert list(more.inputs) == [*elder, *free]


def test_a_child_keeps_to_the_highest_rate() -> None:
    parents = Offered(1_000, 1_000)
    assert child(coins(COIN), parents, replace(TERMS, rate_minor=30, max_rate_minor=30)) is not None
    assert child(coins(COIN), parents, replace(TERMS, rate_minor=31, max_rate_minor=30)) is None


def test_a_child_spends_as_few_coins_as_it_can() -> None:
    found = child(coins(9_000, 30_000, 20_000), Offered(1_000, 1_000), replace(TERMS, rate_minor=30))
    assert found is not None
    assert values_of(found.inputs) == [30_000, 20_000]
    assert child(coins(9_000), Offered(1_000, 1_000), TERMS) is None
