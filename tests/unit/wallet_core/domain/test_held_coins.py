"""Held money that is sent back leaves as the coins that it came as, and is held again as if nothing had been."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.wallet_core.domain.paid_orders import NOW, PERSON, invoice_for, payment_of, sums_of
from wallet_core.domain.accounts import Account, held
from wallet_core.domain.case import Case, CaseKind
from wallet_core.domain.deposit import Deposit, deposit
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.held_coins import held_coins, laid_aside_for
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment
from wallet_core.domain.purchase import Invoice

orders = st.tuples(st.integers(1, 10**12), st.integers(1, 10**13), st.integers(0, 5_000))
coins = st.integers(1, 10**15)
assets = st.sampled_from([Asset.BTC, Asset.ETH])


def _payments(paid: Deposit) -> list[Payment]:
    """None on Ethereum, where the balance is what counts."""
    return [] if paid.invoice.asset is Asset.ETH else [payment_of(paid)]


def _held(order: tuple[int, int, int], coin: int, asset: Asset, **fields: Any) -> tuple[Invoice, list[Payment]]:
    paid = deposit(invoice_for(order, asset, timely_minor=coin, **fields), coin, order[1]).with_surplus_held()
    assume(paid.held.itd_minor)
    return paid.invoice_after(), _payments(paid)


@given(orders, coins, assets)
def test_its_itd_leaves_held_money_and_its_coins_lie_aside(
    order: tuple[int, int, int], coin: int, asset: Asset
) -> None:
    invoice, payments = _held(order, coin, asset)
    found = held_coins(invoice, payments)
    sums = sums_of(*found.laying_aside())
    assert -sums[held(PERSON)] == invoice.held_minor == found.itd_minor
    assert sums[Account(asset, "suspense")] == found.coin_minor > 0
    assert sums[Account(asset, "deposits")] == 0
    after = found.laid_aside().fields
    assert (after["held_minor"], after["received_minor"]) == (0, invoice.received_minor - found.coin_minor)
    # What is left is the order, whole as it was.
    assert after["received_minor"] >= min(invoice.coin_minor, invoice.received_minor - found.coin_minor)


@given(orders, coins, assets)
def test_held_again_everything_is_as_before(order: tuple[int, int, int], coin: int, asset: Asset) -> None:
    invoice, payments = _held(order, coin, asset)
    found = held_coins(invoice, payments)
    aside = invoice.model_copy(update=found.laid_aside().fields)
    case = Case(
        id="c", kind=CaseKind.ABOVE_LIMIT, person=PERSON, invoice="i", asset=asset, opened_at=NOW, facts=found.facts
    )
    again = laid_aside_for(case, aside)
    back = aside.model_copy(update=again.held_again().fields)
    names = ("received_minor", "held_minor", "aside_minor", "credited_minor")
    assert [getattr(back, name) for name in names] == [getattr(invoice, name) for name in names]
    assert back.generation == invoice.generation + 2
    sums = sums_of(*found.laying_aside(), *again.holding_again())
    assert not any(sums.values())


@given(orders, coins, assets)
def test_of_a_payment_that_is_held_whole_all_of_it_goes_back(
    order: tuple[int, int, int], coin: int, asset: Asset
) -> None:
    invoice, payments = _held(order, coin, asset, limit_returned=True)
    assert held_coins(invoice, payments).coin_minor == coin


def test_more_than_came_is_never_sent_back() -> None:
    paid = deposit(invoice_for((100, 10**8, 0), Asset.BTC), 10**8, 10**8).with_surplus_held()
    with pytest.raises(InvariantViolated):
        held_coins(paid.invoice_after().model_copy(update={"held_minor": 10**12}), _payments(paid))


def test_the_seal_of_a_case_covers_what_would_be_held_again() -> None:
    case = Case(id="c", kind=CaseKind.ABOVE_LIMIT, person=PERSON, invoice="i", asset=Asset.BTC, opened_at=NOW)
    parts = [{"coin_minor": 5, "itd_minor": 7, "fee_minor": 0, "rate_minor": 1}]
    more = [{"coin_minor": 5, "itd_minor": 8, "fee_minor": 0, "rate_minor": 1}]
    terms = {case.model_copy(update={"facts": {"parts": each}}).terms() for each in (parts, more)} | {case.terms()}
    assert len(terms) == 3
