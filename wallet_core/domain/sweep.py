"""Sweeps: deposits move to a wallet of our own. See "Sweeping" in ``docs/payouts.md``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.record import Document, Target

#: No person's payout is named so: their ids are hexadecimal.
_PREFIX: Final = "sweep"


class SweepTo(StrEnum):
    """Where deposits go. OFF: they stay where they are; what is under way already is brought to its end."""

    OFF = "off"
    HOT = "hot"
    COLD = "cold"


class Own(StrEnum):
    """What a batch moves that moves the hot wallet's own coins, and pays nobody."""

    #: What the hot wallet has above its ceiling, to the cold wallet.
    SURPLUS = "surplus"
    #: Many small coins into few, while fees are low.
    SMALL = "small"


def sweep_name(batch: str, target: str) -> str:
    """Under which a sweep stands in the signer's record, where a payout stands under its id: one batch, one address."""
    return f"{_PREFIX}:{batch}:{target}"


def is_sweep(name: str | None) -> bool:
    """Whether what has this name, a sweep or a surplus, must lead to a wallet of our own; no payout has such a one."""
    return name is not None and name.startswith(f"{_PREFIX}:")


@dataclass(frozen=True, slots=True)
class _AddressSweep:
    """A sweep of an invoice's address, on a chain of accounts."""

    invoice: str
    batch: str

    @property
    def target(self) -> Target:
        """The invoice with the address."""
        return Target(Invoice.collection, self.invoice)

    def _known(self, document: Document | None) -> Document:
        if document is None:
            raise InvariantViolated(f"no invoice {self.invoice}")
        return document


@dataclass(frozen=True, slots=True)
class BeginSweep(_AddressSweep):
    """Gives an address of an account-based chain to a sweep, which takes all that it has; one at a time."""

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The invoice under a sweep. Raises ``Refused(CHANGED_MEANWHILE)`` while another one is under way."""
        document = self._known(document)
        if document.get("sweep") is not None:
            raise Refused(Reason.CHANGED_MEANWHILE, what="sweep")
        return {**document, "sweep": self.batch}


@dataclass(frozen=True, slots=True)
class EndSweep(_AddressSweep):
    """So much left an invoice's address in a block of this height, the network's part included, and is booked so.

    It is added to what the document has by then: a credit that is booked at the same moment changes nothing of it.
    """

    swept_minor: int
    height: int

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The invoice with the sum."""
        document = self._known(document)
        under_way = document.get("sweep")
        return {
            **document,
            "swept_minor": document.get("swept_minor", 0) + self.swept_minor,
            "swept_height": max(document.get("swept_height", -1), self.height),
            "sweep": None if under_way == self.batch else under_way,
        }


@dataclass(frozen=True, slots=True)
class SweepPayment:
    """Gives a credited coin to a sweep, as it was when the sweep was formed."""

    payment: Payment
    batch: str

    @property
    def target(self) -> Target:
        """The payment."""
        return Target(Payment.collection, self.payment.id)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The payment under the sweep. Raises ``Refused(CHANGED_MEANWHILE)`` when it was reversed or swept since."""
        if document is None:
            raise InvariantViolated(f"no payment {self.payment.id}")
        same = all(
            document.get(name) == getattr(self.payment, name) for name in ("generation", "block_hash", "coin_minor")
        )
        if not same or document["state"] != PaymentState.CREDITED or document.get("sweep") is not None:
            raise Refused(Reason.CHANGED_MEANWHILE, what=Payment.collection)
        return {**document, "sweep": self.batch}
