"""Held money that is sent back instead of waiting for a limit: what it came as, and how it lies aside meanwhile. Pure.

The purchase is undone for the part that is held, at the rates at which its coins were booked, and those coins lie aside
for a refund. While that refund is not under way, all of it can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from wallet_core.domain.case import Case
from wallet_core.domain.changes import Move
from wallet_core.domain.deposit import Part
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.ledger import Entry
from wallet_core.domain.movements import payment_set_aside, payment_taken_up, purchase_held, purchase_reversed
from wallet_core.domain.payment import Payment
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.quote import coins_for, share
from wallet_core.domain.reversal import Lost, of_coins

#: What it was decided on.
_READ: Final = ("received_minor", "credited_minor", "held_minor", "aside_minor", "generation")
#: Where a case keeps it among its facts.
PARTS: Final = "parts"


@dataclass(frozen=True, slots=True)
class HeldCoins:
    """Coins of an invoice, with the held ITD and the fee that each part of them had made at its rate."""

    invoice: Invoice
    parts: tuple[Lost, ...]

    @property
    def coin_minor(self) -> int:
        """All the coins."""
        return sum(each.part.coin_minor for each in self.parts)

    @property
    def itd_minor(self) -> int:
        """All the ITD, without the fee."""
        return sum(each.part.itd_minor for each in self.parts)

    @property
    def facts(self) -> dict[str, Any]:
        """What the case has to know in order to hold it again."""
        names = ("coin_minor", "itd_minor", "fee_minor")
        parts = [{n: getattr(p.part, n) for n in names} | {"rate_minor": p.rate_minor} for p in self.parts]
        return {PARTS: parts}

    def laid_aside(self) -> Move:
        """The invoice once the coins lie aside."""
        return self._moved(-1)

    def held_again(self) -> Move:
        """The invoice once they do not any more, and the ITD is held as before."""
        return self._moved(1)

    def _moved(self, sign: int) -> Move:
        invoice, fee_minor = self.invoice, sum(each.part.fee_minor for each in self.parts)
        fields = {
            "received_minor": invoice.received_minor + sign * self.coin_minor,
            "held_minor": invoice.held_minor + sign * self.itd_minor,
            "aside_minor": invoice.aside_minor - sign * self.coin_minor,
            "booked_fee_minor": max(0, invoice.booked_fee_minor + sign * fee_minor),
            # What is booked from now on must not have a key of what was booked before.
            "generation": invoice.generation + 1,
        }
        expected = {name: getattr(invoice, name) for name in _READ}
        return Move(Invoice, invoice.id, frozenset(InvoiceState), invoice.state, fields, expected=expected)

    def laying_aside(self) -> tuple[Entry, ...]:
        """What it makes in the books."""
        back = tuple(
            entry
            for each in self.parts
            for entry in purchase_reversed(
                **_terms(self.invoice, each), held_minor=each.part.itd_minor, covered_minor=0
            )
        )
        return (*back, *payment_set_aside(self.invoice.asset, self.coin_minor))

    def holding_again(self) -> tuple[Entry, ...]:
        """The same, the other way round."""
        held = tuple(entry for each in self.parts for entry in purchase_held(**_terms(self.invoice, each)))
        return (*payment_taken_up(self.invoice.asset, self.coin_minor), *held)


def _terms(invoice: Invoice, each: Lost) -> dict[str, Any]:
    part = each.part
    return {
        "person": invoice.person,
        "asset": invoice.asset,
        "coin_minor": part.coin_minor,
        "itd_minor": part.itd_minor,
        "fee_minor": part.fee_minor,
        "rate_minor": each.rate_minor,
    }


def held_coins(invoice: Invoice, payments: Iterable[Payment]) -> HeldCoins:
    """The coins for which ITD is held now: those that came last.

    ``payments`` are the credited ones, the last first; there are none on Ethereum, where the balance is what counts.
    """
    booked = [_of_payment(payment) for payment in payments] or of_coins(invoice)
    left_minor, parts = invoice.held_minor, list[Lost]()
    for each in booked:
        if not left_minor:
            break
        parts.append(each if each.part.itd_minor <= left_minor else _piece(invoice, each, left_minor))
        left_minor -= parts[-1].part.itd_minor
    found = HeldCoins(invoice, tuple(parts))
    if left_minor or found.coin_minor > invoice.received_minor:
        raise InvariantViolated(f"invoice {invoice.id} holds more than came to it")
    return found


def _of_payment(payment: Payment) -> Lost:
    itd_minor = payment.credited_minor + payment.held_minor
    return Lost(Part(payment.coin_minor, itd_minor, payment.fee_minor), payment.rate_minor)


def _piece(invoice: Invoice, each: Lost, itd_minor: int) -> Lost:
    fee_minor = min(each.part.fee_minor, share(itd_minor, invoice.fee_basis_points))
    coin_minor = coins_for(itd_minor + fee_minor, each.rate_minor, invoice.asset)
    return Lost(Part(min(each.part.coin_minor, coin_minor), itd_minor, fee_minor), each.rate_minor)


def laid_aside_for(case: Case, invoice: Invoice) -> HeldCoins:
    """What lies aside for a case."""
    names = ("coin_minor", "itd_minor", "fee_minor")
    parts = case.facts.get(PARTS, ())
    return HeldCoins(invoice, tuple(Lost(Part(*(each[n] for n in names)), each["rate_minor"]) for each in parts))
