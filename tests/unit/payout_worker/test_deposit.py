"""What a payment is worth, for any amount and any rate: the books balance and nobody gains by splitting."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.deposit import Deposit, deposit
from wallet_core.domain.ledger import Side
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.quote import coins_for, itd_for, share

ITD = 10**6
NOW = datetime(2026, 11, 22, tzinfo=UTC)
amounts = st.integers(1, 10**12)
coins = st.integers(1, 10**23)
rates = st.integers(1, 10**13)
fees = st.integers(0, 5_000)


def _invoice(amount: int, rate: int, basis_points: int, **fields: Any) -> Invoice:
    fee = share(amount, basis_points)
    return Invoice(
        id="i", person=1, asset=Asset.ETH, address="0x", index=0, payment_uri="", amount_minor=amount, fee_minor=fee,
        fee_basis_points=basis_points, coin_minor=coins_for(amount + fee, rate, Asset.ETH), rate_minor=rate,
        created_at=NOW, expires_at=NOW, limit_day="2026-11-22", **fields,
    )  # fmt: skip


def _balances(paid: Deposit) -> bool:
    sums: Counter[str] = Counter()
    for entry in paid.entries():
        assert entry.amount_minor > 0
        sums[entry.account.asset] += entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
    return not any(sums.values())


@given(amounts, rates, fees)
def test_the_exact_payment_credits_exactly_the_order(amount: int, rate: int, basis_points: int) -> None:
    invoice = _invoice(amount, rate, basis_points)
    paid = deposit(invoice, invoice.coin_minor, rate)
    assert (paid.itd_minor, paid.credited.fee_minor, paid.surplus_minor) == (amount, invoice.fee_minor, 0)
    assert _balances(paid)


@given(amounts, rates, fees, coins)
def test_any_payment_balances_and_credits_no_more_than_it_is_worth(
    amount: int, rate: int, basis_points: int, coin: int
) -> None:
    invoice = _invoice(amount, rate, basis_points, received_minor=1)
    paid = deposit(invoice, coin, rate)
    assert paid.coin_minor == coin
    assert paid.itd_minor + paid.credited.fee_minor <= itd_for(coin, rate, Asset.ETH)
    assert _balances(paid)


@given(st.tuples(amounts, rates, fees), coins, st.integers(0, 10**12), st.booleans())
def test_holding_the_surplus_moves_it_and_changes_no_total(
    order: tuple[int, int, int], coin: int, credited: int, limit_returned: bool
) -> None:
    fields = {"received_minor": 1, "credited_minor": credited, "limit_returned": limit_returned}
    paid = deposit(_invoice(*order, **fields), coin, order[1])
    held = paid.with_surplus_held()
    assert (held.coin_minor, held.itd_minor) == (paid.coin_minor, paid.itd_minor)
    assert held.credited.fee_minor + held.held.fee_minor == paid.credited.fee_minor
    assert held.held.itd_minor == paid.surplus_minor
    assert _balances(held)
    if not limit_returned:
        assert held.credited.itd_minor == min(paid.itd_minor, max(0, order[0] - credited))
