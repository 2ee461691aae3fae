"""What a payment is worth, for any amount and any rate: the books balance and nobody gains by splitting."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.accounts import Side
from wallet_core.domain.deposit import Deposit, deposit, limits_back
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import GiveBackLimit, Operation, Used, used
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


@given(st.tuples(amounts, rates, fees), coins, st.integers(0, 10**12), st.integers(0, 10**12))
def test_what_comes_late_needs_todays_limit_whole_and_gives_the_orders_unpaid_part_back(
    order: tuple[int, int, int], coin: int, credited: int, held: int
) -> None:
    invoice = _invoice(*order, received_minor=1, credited_minor=credited, held_minor=held)
    paid = deposit(invoice, coin, order[1], late=True)
    assert paid.surplus_minor == paid.itd_minor
    assert paid.with_surplus_held().credited.coin_minor == 0 or not paid.itd_minor
    assert paid.returns_limit is paid.counts_anew is (credited + held < order[0])


def test_an_amount_goes_back_to_its_own_day_and_its_purchase_stays_counted() -> None:
    days = {day: {"purchase": {"count": 2, "amount_minor": 50}} for day in ("2026-11-21", "2026-11-22")}
    document = Guards(id=1, limits=days).document()
    given = Guards.of(GiveBackLimit(1, Operation.PURCHASE, 20, "2026-11-21", 0).apply(document, NOW))
    assert [used(given, Operation.PURCHASE, day) for day in days] == [Used(2, 30), Used(2, 50)]
    assert GiveBackLimit(1, Operation.PURCHASE, 20, "2026-01-01", 0).apply(document, NOW) == document
    assert used(
        Guards.of(GiveBackLimit(1, Operation.PURCHASE, 51, "2026-11-22", 0).apply(document, NOW)),
        Operation.PURCHASE,
        "2026-11-22",
    ) == Used(2, 0)


def test_an_order_that_got_nothing_gives_its_count_back_as_well() -> None:
    document = Guards(id=1, limits={"2026-11-22": {"purchase": {"count": 1, "amount_minor": 50}}}).document()
    unpaid, part_paid = _invoice(30, ITD, 0), _invoice(30, ITD, 0, received_minor=1, credited_minor=10)
    left = [_given_back(each, document) for each in (unpaid, part_paid)]
    assert [used(guards, Operation.PURCHASE, "2026-11-22") for guards in left] == [Used(0, 20), Used(1, 30)]


@pytest.mark.parametrize(
    ("asset", "took_coins", "given"),
    [
        (Asset.ETH, True, {Operation.PURCHASE, Operation.PURCHASE_ETH}),
        (Asset.BTC, True, {Operation.PURCHASE, Operation.PURCHASE_BTC}),
        # From before coins had a limit: what was not taken is not given back.
        (Asset.ETH, False, {Operation.PURCHASE}),
        (Asset.USD, False, {Operation.PURCHASE, Operation.CARD}),
    ],
)
def test_an_order_gives_back_the_limits_that_it_took(asset: Asset, took_coins: bool, given: set[Operation]) -> None:
    counters = {each.value: {"count": 3, "amount_minor": 100} for each in Operation}
    document = Guards(id=1, limits={"2026-11-22": counters}).document()
    order = _invoice(30, ITD, 0).model_copy(update={"asset": asset, "coin_limit_taken": took_coins})
    guards = _given_back(order, document)
    assert {each for each in Operation if used(guards, each, "2026-11-22") == Used(2, 70)} == given
    assert all(used(guards, each, "2026-11-22") == Used(3, 100) for each in set(Operation) - given)


def _given_back(invoice: Invoice, document: dict[str, Any]) -> Guards:
    for change in limits_back(invoice):
        document = change.apply(document, NOW)
    return Guards.of(document)


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
