"""What a payment to an invoice is worth, and how much of it the day's limit has to cover. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from wallet_core.domain.kyc import GiveBackLimit, Operation, purchases_with
from wallet_core.domain.ledger import Entry
from wallet_core.domain.movements import payment_taken_up, purchase_credited, purchase_held
from wallet_core.domain.purchase import DeskCredit, Invoice, InvoiceState
from wallet_core.domain.quote import coins_for, itd_for, share, without_share


@dataclass(frozen=True, slots=True)
class Part:
    """Coins in minor units, and the ITD and the fee in ITD minor units that they make."""

    coin_minor: int
    itd_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """A final payment at its rate (ITD minor units for a whole coin), divided by what the limit covers.

    ``late``: it came when the time to pay was over, so nothing is left of the limit that the order took. Of its coins
    ``aside_minor`` lay aside for cases until now. ``at_desk``: an admin decided, and no payment knows its rate.
    """

    invoice: Invoice
    rate_minor: int
    credited: Part
    held: Part = Part(0, 0, 0)
    late: bool = False
    aside_minor: int = 0
    at_desk: bool = False

    @property
    def itd_minor(self) -> int:
        """All the ITD that it is worth, without the fee."""
        return self.credited.itd_minor + self.held.itd_minor

    @property
    def coin_minor(self) -> int:
        """All its coins."""
        return self.credited.coin_minor + self.held.coin_minor

    @property
    def fee_minor(self) -> int:
        """All of its fee, in ITD."""
        return self.credited.fee_minor + self.held.fee_minor

    @property
    def worth_minor(self) -> int:
        """All the ITD that it is worth, with the fee."""
        return self.itd_minor + self.fee_minor

    @property
    def completes_order(self) -> bool:
        """Whether it is what was missing of the order, however little that is."""
        invoice = self.invoice
        return not self.late and 0 < invoice.coin_minor - invoice.received_minor <= self.coin_minor

    @property
    def returns_limit(self) -> bool:
        """Whether the unpaid part of the order's limit has to be given back with it."""
        return self.late and self.invoice.unpaid_minor > 0

    @property
    def counts_anew(self) -> bool:
        """Whether it is an operation of its own, because its order's limit is given back, before it or with it."""
        return self.invoice.limit_returned or self.returns_limit

    @property
    def surplus_minor(self) -> int:
        """How much of its ITD is above what was ordered, so that no limit was taken for it yet."""
        if self.counts_anew:
            return self.itd_minor
        before = self.invoice.credited_minor + self.invoice.held_minor
        ordered = self.invoice.amount_minor
        return max(0, before + self.itd_minor - ordered) - max(0, before - ordered)

    def with_surplus_held(self) -> Deposit:
        """The same, with the surplus in the person's held money."""
        surplus = self.surplus_minor
        if surplus == self.itd_minor:
            return replace(self, credited=Part(0, 0, 0), held=self.credited)
        whole, basis_points = self.credited, self.invoice.fee_basis_points
        ordered_minor = whole.itd_minor - surplus
        fee_minor = min(whole.fee_minor, share(ordered_minor, basis_points))
        coin_minor = min(whole.coin_minor, coins_for(ordered_minor + fee_minor, self.rate_minor, self.invoice.asset))
        rest = Part(whole.coin_minor - coin_minor, surplus, whole.fee_minor - fee_minor)
        return replace(self, credited=Part(coin_minor, ordered_minor, fee_minor), held=rest)

    def fields(self) -> dict[str, Any]:
        """The invoice's fields after it."""
        invoice = self.invoice
        credited_minor = invoice.credited_minor + self.credited.itd_minor
        held_minor = invoice.held_minor + self.held.itd_minor
        left_minor = max(0, invoice.pending_minor - self.coin_minor + self.aside_minor)
        return {
            "received_minor": invoice.received_minor + self.coin_minor,
            "credited_minor": credited_minor,
            "held_minor": held_minor,
            "booked_fee_minor": invoice.booked_fee_minor + self.fee_minor,
            "fulfilled": credited_minor + held_minor >= invoice.amount_minor,
            "limit_returned": self.counts_anew,
            "pending_minor": left_minor,
            "pending_since": invoice.pending_since if left_minor else None,
            "aside_minor": invoice.aside_minor - self.aside_minor,
            **({"desk_credits": self._desk_credits()} if self.at_desk else {}),
        }

    def _desk_credits(self) -> list[dict[str, int]]:
        now = DeskCredit(coin_minor=self.coin_minor, rate_minor=self.rate_minor)
        return [each.model_dump() for each in (*self.invoice.desk_credits, now)]

    def invoice_after(self) -> Invoice:
        """The invoice after it, credited."""
        return Invoice.of({**self.invoice.document(), **self.fields(), "state": InvoiceState.CREDITED})

    def entries(self) -> tuple[Entry, ...]:
        """The movements that it makes in the books."""
        person, asset = self.invoice.person, self.invoice.asset
        parts = ((purchase_credited, self.credited), (purchase_held, self.held))
        taken_up = payment_taken_up(asset, self.aside_minor) if self.aside_minor else ()
        return taken_up + tuple(
            entry
            for movement, part in parts
            for entry in movement(
                person,
                asset,
                coin_minor=part.coin_minor,
                itd_minor=part.itd_minor,
                fee_minor=part.fee_minor,
                rate_minor=self.rate_minor,
            )
        )


def limits_back(invoice: Invoice) -> tuple[GiveBackLimit, ...]:
    """Gives back what no payment used of the order's limits, and their count when nothing was paid at all."""
    counts = 0 if invoice.received_minor else 1
    taken = purchases_with(invoice.asset) if invoice.took_rail_limit else (Operation.PURCHASE,)
    return tuple(
        GiveBackLimit(invoice.person, operation, invoice.unpaid_minor, invoice.limit_day, counts) for operation in taken
    )


def deposit(invoice: Invoice, coin_minor: int, rate_minor: int, *, late: bool = False, aside_minor: int = 0) -> Deposit:
    """What so many coins are worth to this invoice; exactly the order when exactly that was paid at the locked rate."""
    first = invoice.received_minor == 0
    if first and (coin_minor, rate_minor) == (invoice.coin_minor, invoice.rate_minor):
        part = Part(coin_minor, invoice.amount_minor, invoice.fee_minor)
    else:
        part = part_of(invoice, coin_minor, rate_minor)
    return Deposit(invoice, rate_minor, part, late=late, aside_minor=aside_minor)


def part_of(invoice: Invoice, coin_minor: int, rate_minor: int) -> Part:
    """So many coins at a rate, less the invoice's fee; what does not divide is the house's."""
    gross_minor = itd_for(coin_minor, rate_minor, invoice.asset)
    itd_minor = without_share(gross_minor, invoice.fee_basis_points)
    return Part(coin_minor, itd_minor, min(share(itd_minor, invoice.fee_basis_points), gross_minor - itd_minor))
