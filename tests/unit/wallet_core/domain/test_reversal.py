"""What is taken back is what was given: the books are as before, held money goes first, what was spent is owed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet_core.domain.paid_orders import PERSON, invoice_for, payment_of, sums_of
from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.crediting import Crediting
from wallet_core.domain.deposit import Deposit, deposit
from wallet_core.domain.guards import Guards
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import LateRate
from wallet_core.domain.reversal import of_balance, of_payment, rates_of

amounts = st.integers(1, 10**12)
coins = st.integers(1, 10**15)
rates = st.integers(1, 10**13)
fees = st.integers(0, 5_000)
orders = st.tuples(amounts, rates, fees)
ASSETS = st.sampled_from([Asset.BTC, Asset.ETH])


def _without_rounding(sums: Counter[Account], asset: Asset) -> Counter[Account]:
    """Two parts of one payment may round a satoshi otherwise than the whole: between these two accounts alone."""
    rounding, trading = Account(asset, "income:rounding"), Account(asset, "trading")
    sums[trading] += sums.pop(rounding, 0)
    return sums


@given(orders, coins, ASSETS, st.booleans())
def test_a_payment_that_is_taken_back_leaves_the_books_as_they_were(
    order: tuple[int, int, int], coin: int, asset: Asset, hold: bool
) -> None:
    paid = deposit(invoice_for(order, asset), coin, order[1])
    paid = paid.with_surplus_held() if hold else paid
    back = of_payment(paid.invoice_after(), payment_of(paid), paid.credited.itd_minor)
    sums = _without_rounding(sums_of(*paid.entries(), *back.entries()), asset)
    assert not any(sums.values())
    left = {**paid.invoice_after().model_dump(), **back.fields()}
    names = ("received_minor", "credited_minor", "held_minor", "booked_fee_minor")
    assert [left[name] for name in names] == [0, 0, 0, 0]


@given(orders, coins, st.integers(0, 10**12))
def test_held_money_goes_first_and_what_was_spent_is_owed(order: tuple[int, int, int], coin: int, there: int) -> None:
    paid = deposit(invoice_for(order), coin, order[1]).with_surplus_held()
    back = of_payment(paid.invoice_after(), payment_of(paid), there)
    sums = sums_of(*back.entries())
    assert -sums[held(PERSON)] == paid.held.itd_minor
    assert -sums[available(PERSON)] == min(there, paid.credited.itd_minor)
    assert sums[Account(Asset.ITD, "receivable")] == max(0, paid.credited.itd_minor - there) == back.taken.owed_minor


@given(orders, st.lists(st.tuples(coins, rates), min_size=1, max_size=4), st.data())
def test_of_a_balance_only_the_last_coins_are_taken_back_and_all_of_them_exactly(
    order: tuple[int, int, int], pieces: list[tuple[int, int]], data: st.DataObject
) -> None:
    invoice, through = invoice_for(order, Asset.ETH, timely_minor=1_000), 1_000
    paid = [deposit(invoice, 1_000, order[1])]
    for coin, rate in pieces:
        through += coin
        late = (*invoice.late_rates, LateRate(through_minor=through, rate_minor=rate))
        invoice = paid[-1].invoice_after().model_copy(update={"late_rates": late})
        paid.append(deposit(invoice, coin, rate, late=True))
    whole = paid[-1].invoice_after()
    left = data.draw(st.integers(0, through))
    back = of_balance(whole, left, whole.credited_minor)
    fields = back.fields()
    assert back.coin_minor == through - left
    assert fields["received_minor"] == left
    assert 0 <= fields["credited_minor"] <= whole.credited_minor
    assert 0 <= fields["booked_fee_minor"] <= whole.booked_fee_minor
    sums_of(*back.entries())
    everything = sums_of(*(e for each in paid for e in each.entries()), *of_balance(whole, 0, 10**30).entries())
    assert everything[available(PERSON)] == everything[Account(Asset.ITD, "income:fees")] == 0
    assert everything[Account(Asset.ETH, "deposits")] == everything[Account(Asset.ITD, "trading")] == 0


def test_the_locked_rate_comes_first_and_a_late_one_holds_up_to_what_was_seen_with_it() -> None:
    late = (LateRate(through_minor=50, rate_minor=7), LateRate(through_minor=200, rate_minor=8))
    invoice = invoice_for((100, 5, 0), Asset.ETH, timely_minor=60, late_rates=late)
    assert rates_of(invoice) == [(0, 5), (60, 8)]


def _credited(paid: Iterable[Deposit], guards: Guards) -> Counter[Account]:
    return sums_of(*Crediting("k", tuple(paid)).entries(guards))


@given(orders, coins, coins, st.integers(0, 10**13))
def test_payments_that_are_credited_together_repay_what_is_owed_first(
    order: tuple[int, int, int], first: int, second: int, debt: int
) -> None:
    one = deposit(invoice_for(order), first, order[1])
    two = deposit(one.invoice_after(), second, order[1])
    sums = _credited((one, two), Guards(id=PERSON, debt_minor=debt))
    worth = one.credited.itd_minor + two.credited.itd_minor
    assert sums[available(PERSON)] == worth - min(debt, worth)
    assert sums[Account(Asset.ITD, "receivable")] == -min(debt, worth)


@given(orders, coins, coins)
def test_holding_the_surplus_of_several_changes_no_total(order: tuple[int, int, int], first: int, second: int) -> None:
    one = deposit(invoice_for(order), first, order[1])
    both = Crediting("k", (one, deposit(one.invoice_after(), second, order[1])))
    kept = both.with_surplus_held()
    assert kept.coin_minor == both.coin_minor
    before, after = both.invoice_after, kept.invoice_after
    assert before.credited_minor == after.credited_minor + after.held_minor
    assert after.credited_minor <= order[0]


@given(orders, coins, coins, rates, st.data())
def test_what_an_admin_credited_is_taken_back_first_and_at_its_own_rate(
    order: tuple[int, int, int], first: int, second: int, rate: int, data: st.DataObject
) -> None:
    paid = deposit(invoice_for(order, Asset.ETH, timely_minor=first), first, order[1])
    desk = replace(deposit(paid.invoice_after(), second, rate), at_desk=True)
    whole = desk.invoice_after()
    back = of_balance(whole, first, 0)
    assert (back.itd_minor, back.coin_minor) == (desk.itd_minor, second)
    assert back.fields()["desk_credits"] == []
    left = data.draw(st.integers(first, first + second))
    assert sum(each["coin_minor"] for each in of_balance(whole, left, 0).fields()["desk_credits"]) == left - first
