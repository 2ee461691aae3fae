"""Many coins into one: nothing is left over, nothing is lost, and a raise of it is taken for a replacement."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.wallet_core.domain.coin_wallets import DUST, TERMS, coins, terms, wallets
from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_selection import gather
from wallet_core.domain.coin_transaction import Replaced, Terms
from wallet_core.domain.transaction_size import transaction_vsize

sizes = st.sampled_from((31, 34, 43))


@given(wallets, sizes, terms)
def test_all_that_the_fee_leaves_is_in_one_output(wallet: list[Utxo], size: int, kept_to: Terms) -> None:
    found = gather(wallet, size, kept_to)
    assume(found is not None)
    assert found is not None
    (value_minor,) = found.change_minor
    assert found.inputs == tuple(wallet)
    assert value_minor + found.fee_minor == sum(utxo.value_minor for utxo in wallet)
    assert found.vsize == transaction_vsize(len(wallet), 1, size) <= kept_to.max_vsize
    assert found.fee_minor == kept_to.rate_minor * found.vsize <= kept_to.max_fee_minor
    assert value_minor >= kept_to.dust_minor


@given(wallets, sizes, terms, st.tuples(st.integers(1, 300), st.integers(1, 5)))
def test_a_raise_pays_for_what_it_replaces_and_for_itself(
    wallet: list[Utxo], size: int, kept_to: Terms, rates: tuple[int, int]
) -> None:
    first = gather(wallet, size, kept_to)
    assume(first is not None)
    assert first is not None
    higher = replace(kept_to, rate_minor=kept_to.rate_minor + rates[0])
    second = gather(wallet, size, higher, Replaced(first.fee_minor, first.vsize, rates[1]))
    assume(second is not None)
    assert second is not None
    # BIP 125, rules 3 and 4.
    assert second.fee_minor >= first.fee_minor + rates[1] * second.vsize
    assert second.inputs == first.inputs


def test_what_the_ceilings_do_not_allow_is_not_made() -> None:
    wallet = coins(100_000, 100_000)
    vsize = transaction_vsize(2, 1, 31)
    assert gather(wallet, 31, TERMS) is not None
    assert gather(wallet, 31, replace(TERMS, max_fee_minor=10 * vsize - 1)) is None
    assert gather(wallet, 31, replace(TERMS, rate_minor=TERMS.max_rate_minor + 1)) is None
    assert gather(wallet, 31, replace(TERMS, max_vsize=vsize - 1)) is None
    assert gather(coins(10 * transaction_vsize(1, 1, 31) + DUST - 1), 31, TERMS) is None
    assert gather([], 31, TERMS) is None
