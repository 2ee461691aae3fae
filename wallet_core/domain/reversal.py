"""What was credited is taken back, because its coins left the chain: the parts of a posting. Pure.

Held money goes first, then what the person may spend; what is spent already they owe. No limit of a day is given back:
coins that come again take none for their order, and a surplus that comes again counts as it did the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wallet_core.domain.debt import TakenBack, taken_back
from wallet_core.domain.deposit import Part, part_of
from wallet_core.domain.ledger import Entry
from wallet_core.domain.movements import purchase_reversed
from wallet_core.domain.payment import Payment
from wallet_core.domain.purchase import DeskCredit, Invoice


@dataclass(frozen=True, slots=True)
class Lost:
    """Coins that are gone, and the ITD and the fee that they had made at their rate (ITD minor units a whole coin)."""

    part: Part
    rate_minor: int


@dataclass(frozen=True, slots=True)
class Reversal:
    """Credits to an invoice that are taken back: so much from held money, the rest as ``taken`` says."""

    invoice: Invoice
    lost: tuple[Lost, ...]
    held_minor: int
    taken: TakenBack

    @property
    def coin_minor(self) -> int:
        """All the coins that are gone."""
        return sum(lost.part.coin_minor for lost in self.lost)

    @property
    def itd_minor(self) -> int:
        """All the ITD that is taken back."""
        return sum(lost.part.itd_minor for lost in self.lost)

    def fields(self) -> dict[str, Any]:
        """The invoice's fields after it."""
        invoice = self.invoice
        credited_minor = invoice.credited_minor - (self.itd_minor - self.held_minor)
        held_minor = invoice.held_minor - self.held_minor
        fee_minor = sum(lost.part.fee_minor for lost in self.lost)
        desk = _desk_credits_after(invoice, self.coin_minor)
        return {
            "received_minor": invoice.received_minor - self.coin_minor,
            "credited_minor": credited_minor,
            "held_minor": held_minor,
            "booked_fee_minor": max(0, invoice.booked_fee_minor - fee_minor),
            "fulfilled": credited_minor + held_minor >= invoice.amount_minor,
            **({"desk_credits": [each.model_dump() for each in desk]} if invoice.desk_credits else {}),
        }

    def entries(self) -> tuple[Entry, ...]:
        """What it makes in the books."""
        made: list[Entry] = []
        held_minor, covered_minor = self.held_minor, self.taken.covered_minor
        for lost in self.lost:
            from_held = min(held_minor, lost.part.itd_minor)
            covered = min(covered_minor, lost.part.itd_minor - from_held)
            held_minor, covered_minor = held_minor - from_held, covered_minor - covered
            made += purchase_reversed(
                self.invoice.person,
                self.invoice.asset,
                coin_minor=lost.part.coin_minor,
                itd_minor=lost.part.itd_minor,
                fee_minor=lost.part.fee_minor,
                rate_minor=lost.rate_minor,
                held_minor=from_held,
                covered_minor=covered,
            )
        return tuple(made)


def of_payment(invoice: Invoice, payment: Payment, available_minor: int) -> Reversal:
    """A payment that had been credited is gone: exactly what it had made is taken back."""
    part = Part(payment.coin_minor, payment.credited_minor + payment.held_minor, payment.fee_minor)
    return _reversal(invoice, (Lost(part, payment.rate_minor),), available_minor)


def of_balance(invoice: Invoice, left_minor: int, available_minor: int) -> Reversal:
    """Only ``left_minor`` of the coins that had been credited are there: the last of them are taken back."""
    return _reversal(invoice, _last(invoice, left_minor), available_minor)


def _reversal(invoice: Invoice, lost: tuple[Lost, ...], available_minor: int) -> Reversal:
    itd_minor = sum(each.part.itd_minor for each in lost)
    held_minor = min(invoice.held_minor, itd_minor)
    return Reversal(invoice, lost, held_minor, taken_back(invoice.person, available_minor, itd_minor - held_minor))


def of_coins(invoice: Invoice) -> tuple[Lost, ...]:
    """All coins that an invoice has been credited for, the last first."""
    return _last(invoice, 0)


def _last(invoice: Invoice, left_minor: int) -> tuple[Lost, ...]:
    """The coins above ``left_minor``, the last first, each at the rate at which it was booked."""
    itd_minor, fee_minor = invoice.credited_minor + invoice.held_minor, invoice.booked_fee_minor
    found: list[Lost] = []
    top_minor = invoice.received_minor
    for layer_minor, rate_minor in _layers(invoice):
        coin_minor = min(layer_minor, top_minor - left_minor)
        if coin_minor <= 0:
            break
        worth = part_of(invoice, coin_minor, rate_minor)
        is_all = coin_minor == top_minor
        itd = itd_minor if is_all else min(worth.itd_minor, itd_minor)
        fee = fee_minor if is_all else min(worth.fee_minor, fee_minor)
        found.append(Lost(Part(coin_minor, itd, fee), rate_minor))
        itd_minor, fee_minor, top_minor = itd_minor - itd, fee_minor - fee, top_minor - coin_minor
    return tuple(found)


def _layers(invoice: Invoice) -> list[tuple[int, int]]:
    """How many coins were booked at which rate, the last first: what admins credited counts as the last."""
    layers, top_minor = list[tuple[int, int]](), invoice.received_minor
    for desk in reversed(invoice.desk_credits):
        layers.append((desk.coin_minor, desk.rate_minor))
        top_minor -= desk.coin_minor
    for start_minor, rate_minor in reversed(rates_of(invoice)):
        if start_minor < top_minor:
            layers.append((top_minor - start_minor, rate_minor))
            top_minor = start_minor
    return layers


def _desk_credits_after(invoice: Invoice, lost_minor: int) -> list[DeskCredit]:
    """What is left of what admins credited, once so many of the last coins are taken back."""
    left: list[DeskCredit] = []
    for desk in reversed(invoice.desk_credits):
        taken_minor = min(desk.coin_minor, lost_minor)
        lost_minor -= taken_minor
        if taken_minor < desk.coin_minor:
            left.insert(0, DeskCredit(coin_minor=desk.coin_minor - taken_minor, rate_minor=desk.rate_minor))
    return left


def rates_of(invoice: Invoice) -> list[tuple[int, int]]:
    """From how many coins on which rate holds, the locked one first; what admins credited has rates of its own."""
    starts, start_minor = [(0, invoice.rate_minor)], invoice.timely_minor
    for late in invoice.late_rates:
        if late.through_minor > start_minor:
            starts.append((start_minor, late.rate_minor))
            start_minor = late.through_minor
    return starts
