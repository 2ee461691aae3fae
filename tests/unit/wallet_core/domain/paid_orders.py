"""An order that was paid, and what its entries come to: for the properties of what is taken or sent back."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from wallet_core.domain.accounts import Account
from wallet_core.domain.deposit import Deposit
from wallet_core.domain.ledger import Entry, Posting, check_balanced
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.quote import coins_for, share

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PERSON = 1


def invoice_for(order: tuple[int, int, int], asset: Asset = Asset.BTC, **fields: Any) -> Invoice:
    """The order: ITD minor units, those of a whole coin, and the fee in basis points."""
    amount, rate, basis_points = order
    fee = share(amount, basis_points)
    return Invoice(
        id="i", person=PERSON, asset=asset, address="a", index=0, payment_uri="", amount_minor=amount, fee_minor=fee,
        fee_basis_points=basis_points, coin_minor=coins_for(amount + fee, rate, asset), rate_minor=rate,
        created_at=NOW, expires_at=NOW, limit_day="2026-11-22", **fields,
    )  # fmt: skip


def payment_of(paid: Deposit) -> Payment:
    """The one payment that was deposited."""
    return Payment(
        id="p", asset=paid.invoice.asset, invoice="i", person=PERSON, txid="t", index=0, coin_minor=paid.coin_minor,
        seen_at=NOW, timely=True, credited_minor=paid.credited.itd_minor, held_minor=paid.held.itd_minor,
        fee_minor=paid.fee_minor, rate_minor=paid.rate_minor,
    )  # fmt: skip


def sums_of(*entries: Entry) -> Counter[Account]:
    """The sum of each account, in minor units; all entries together balance."""
    check_balanced(Posting("key", "kind", "test", entries=tuple(entries)))
    sums: Counter[Account] = Counter()
    for entry in entries:
        sums[entry.account] += entry.delta_minor
    return sums
