"""How much was sent, bought and paid out in a time: counts and sums that the database makes, by its indexes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.intent import Intent, IntentKind, IntentState
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.ports import Between, Ports

#: All assets, named so that the indexes on asset, state and time serve.
_ALL = tuple(Asset)


@dataclass(frozen=True, slots=True)
class Volume:
    """How many, how much of them, and the fees on top, both in ITD minor units."""

    count: int
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Volumes:
    """What was begun in a time and done since."""

    sends: Volume
    purchases: Volume
    withdrawals: Volume

    @property
    def income_minor(self) -> int:
        """Their fees."""
        return self.sends.fee_minor + self.purchases.fee_minor + self.withdrawals.fee_minor


async def volumes(ports: Ports, start: datetime, end: datetime) -> Volumes:
    """Of ``start <= time < end``, by when somebody confirmed it, ordered it or asked for it."""
    made = {"created_at": Between(start, end)}
    sent = {"kind": IntentKind.SEND, "state": IntentState.CONFIRMED, **made}
    bought = {"asset": _ALL, "state": InvoiceState.CREDITED, **made}
    paid = {"asset": _ALL, "state": PayoutState.SETTLED, **made}
    sends = await ports.store.sums(Intent, sent, ("amount_minor", "fee_minor"))
    purchases = await ports.store.sums(Invoice, bought, ("credited_minor", "booked_fee_minor"))
    withdrawals = await ports.store.sums(Withdrawal, paid, ("amount_minor", "fee_minor"))
    return Volumes(Volume(*sends), Volume(*purchases), Volume(*withdrawals))
