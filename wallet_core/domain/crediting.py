"""What a credit does, as the parts of one posting ``purchase_credited``, whoever posts it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from wallet_core.domain.case import Case, completed
from wallet_core.domain.changes import Move
from wallet_core.domain.debt import repayment
from wallet_core.domain.deposit import Deposit, limits_back
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import TakeLimit
from wallet_core.domain.ledger import Entry, Message
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import invoice_message, step_of
from wallet_core.domain.record import Change

#: What a decision about an invoice was made on.
_READ = (
    "received_minor", "pending_minor", "aside_minor", "held_minor", "credited_minor", "limit_returned", "swept_minor",
    "generation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crediting:
    """Final payments to one invoice that are credited together; each of ``paid`` stands on what the one before left.

    ``payments`` are theirs on chains of coins, one for each; ``cases`` are those that the coins lay aside for.
    """

    key: str
    paid: tuple[Deposit, ...]
    payments: tuple[Payment, ...] = ()
    cases: tuple[Case, ...] = ()
    txid: str | None = None

    @property
    def invoice(self) -> Invoice:
        """The invoice before."""
        return self.paid[0].invoice

    @property
    def invoice_after(self) -> Invoice:
        """And after it."""
        return self.paid[-1].invoice_after()

    @property
    def coin_minor(self) -> int:
        """All the coins."""
        return sum(paid.coin_minor for paid in self.paid)

    @property
    def credited_minor(self) -> int:
        """All the ITD that may be spent at once."""
        return sum(paid.credited.itd_minor for paid in self.paid)

    def with_surplus_held(self) -> Crediting:
        """The same, with what no limit was taken for in the person's held money."""
        held: list[Deposit] = []
        for paid in self.paid:
            before = replace(paid, invoice=held[-1].invoice_after()) if held else paid
            held.append(before.with_surplus_held())
        return replace(self, paid=tuple(held))

    @property
    def surplus_minor(self) -> int:
        """How much of its ITD the order took no limit for."""
        return sum(paid.surplus_minor for paid in self.paid)

    @property
    def surplus_counts(self) -> int:
        """How many operations that is: an order whose time was over counts again, a surplus does not."""
        return 1 if any(paid.counts_anew for paid in self.paid) else 0

    def changes(self, guards: Guards, *limits: TakeLimit) -> tuple[Change, ...]:
        """Everything that changes with it; of a credit to somebody who owes, the debt is repaid first."""
        before, after = self.invoice, self.invoice_after.document()
        fields = {name: after[name] for name in self.paid[-1].fields()} | {"txid": self.txid or before.txid}
        expected = {name: getattr(before, name) for name in _READ}
        return (
            Move(Invoice, before.id, frozenset(InvoiceState), InvoiceState.CREDITED, fields, expected=expected),
            *(self._moved(payment, paid) for payment, paid in zip(self.payments, self.paid, strict=False)),
            *completed(self.cases),
            *(limits_back(before) if self.paid[0].returns_limit else ()),
            *limits,
            *repayment(guards, self.credited_minor).changes,
        )

    @staticmethod
    def _moved(payment: Payment, paid: Deposit) -> Move:
        booked = {
            "credited_minor": paid.credited.itd_minor,
            "held_minor": paid.held.itd_minor,
            "fee_minor": paid.fee_minor,
            "rate_minor": paid.rate_minor,
        }
        where = {"height": payment.height, "block_hash": payment.block_hash}
        expected = {"generation": payment.generation, **({} if payment.state is PaymentState.PENDING else where)}
        return Move(
            Payment, payment.id, frozenset({payment.state}), PaymentState.CREDITED, booked | where, expected=expected
        )

    def entries(self, guards: Guards) -> tuple[Entry, ...]:
        """What it makes in the books."""
        bought = tuple(entry for paid in self.paid for entry in paid.entries())
        return (*bought, *repayment(guards, self.credited_minor).entries)

    def message(self) -> Message:
        """The card."""
        after = self.invoice_after
        return invoice_message(after, step_of(after), rate_minor=self.paid[-1].rate_minor, txid=self.txid or after.txid)

    def facts(self) -> Mapping[str, Any]:
        """What the record tells."""
        return {
            "invoice": self.invoice.id,
            "asset": self.invoice.asset,
            "txid": self.txid or self.invoice.txid,
            "coin_minor": self.coin_minor,
            "rate_minor": self.paid[-1].rate_minor,
            # No refund of these is believed any more.
            **({"cases": [case.id for case in self.cases]} if self.cases else {}),
        }
