"""Wallets and payments for the tests of coin selection, and what holds for every transaction that may be made."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from wallet_core.domain.chain import Utxo
from wallet_core.domain.coin_transaction import Payment, Selection, Terms, least_change, most_fee
from wallet_core.domain.transaction_size import transaction_vsize

DUST = 294
COIN = 10**8
TERMS = Terms(rate_minor=10, max_rate_minor=500, max_fee_minor=COIN // 100, dust_minor=DUST, change_outputs=10)


def coins(*values: int) -> list[Utxo]:
    """Final ones of these values."""
    return [Utxo(f"{number:064x}", 0, value, 1) for number, value in enumerate(values, 1)]


def paid(*values: int) -> list[Payment]:
    """To P2WPKH addresses."""
    return [Payment(31, value) for value in values]


def values_of(utxos: Sequence[Utxo]) -> list[int]:
    """What each is worth."""
    return [utxo.value_minor for utxo in utxos]


def check(found: Selection, payments: Sequence[Payment], terms: Terms, *, least_minor: int | None = None) -> None:
    """Whatever holds for every transaction that may be made."""
    spent, sent = sum(values_of(found.inputs)), sum(payment.value_minor for payment in payments)
    assert spent == sent + sum(found.change_minor) + found.fee_minor
    assert len(set(found.inputs)) == len(found.inputs)
    outputs = len(payments) + len(found.change_minor)
    size = sum(payment.size for payment in payments) + 31 * len(found.change_minor)
    assert found.vsize == transaction_vsize(len(found.inputs), outputs, size) <= terms.max_vsize
    assert terms.rate_minor * found.vsize <= found.fee_minor <= terms.max_fee_minor
    assert found.fee_minor <= most_fee(found.vsize, terms.max_rate_minor, terms.dust_minor)
    assert outputs
    assert len(found.change_minor) <= (terms.change_outputs if payments else 1)
    assert all(
        piece >= (least_change(terms.dust_minor) if least_minor is None else least_minor)
        for piece in found.change_minor
    )
    if found.change_minor:
        assert max(found.change_minor) - min(found.change_minor) < len(found.change_minor)


amounts = st.integers(min_value=DUST, max_value=COIN)
wallets = st.lists(amounts, max_size=60).map(lambda values: coins(*values))
orders = st.lists(st.builds(Payment, st.sampled_from((31, 32, 34, 43)), amounts), max_size=40)
terms = st.builds(
    Terms,
    rate_minor=st.integers(1, 200),
    max_rate_minor=st.sampled_from((200, 1_000)),
    max_fee_minor=st.integers(10_000, COIN // 100),
    dust_minor=st.just(DUST),
    change_outputs=st.integers(1, 50),
    low_rate_minor=st.integers(0, 50),
    max_vsize=st.sampled_from((1_000, 3_000, 95_000)),
)
