"""At which rate a payment on a chain of coins is booked: what nobody may choose once the price has moved.

The order's own coins have the locked rate if they were seen in time; what is paid above it has that of when it was
seen. A transaction that offers too little may lie in the pools for weeks, until its payer wants it mined: mined so late
it has the rate of then.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from payout_worker.ports import WorkerPorts
from payout_worker.watchers.credit import spot_minor
from wallet_core.domain.chain import Whereabouts
from wallet_core.domain.payment import Payment
from wallet_core.domain.purchase import Invoice


async def rate_fields(ports: WorkerPorts, invoice: Invoice, payment: Payment, where: Whereabouts) -> dict[str, Any]:
    """``rate_minor`` and ``timely`` of a payment that is on its way and not counted in ``pending_minor`` yet."""
    if _was_kept_back(ports, payment, where):
        return {"timely": False, "rate_minor": await spot_minor(ports, invoice.id)}
    return {"rate_minor": payment.rate_minor or await rate_of(ports, invoice, payment, invoice.pending_minor)}


async def rate_of(ports: WorkerPorts, invoice: Invoice, payment: Payment, pending_minor: int) -> int:
    """ITD minor units per whole coin, beside so many coins that are on their way; 0 while there is no rate."""
    missing_minor = max(0, invoice.coin_minor - invoice.received_minor - pending_minor)
    ordered_minor = min(payment.coin_minor, missing_minor) if payment.timely else 0
    if ordered_minor == payment.coin_minor:
        return invoice.rate_minor
    surplus_rate_minor = await spot_minor(ports, invoice.id)
    if not surplus_rate_minor:
        return 0
    surplus_minor = payment.coin_minor - ordered_minor
    return (ordered_minor * invoice.rate_minor + surplus_minor * surplus_rate_minor) // payment.coin_minor


def _was_kept_back(ports: WorkerPorts, payment: Payment, where: Whereabouts) -> bool:
    """What was credited before comes again at its own rate, whenever that is."""
    if where.mined_at is None or payment.credited_minor + payment.held_minor:
        return False
    return where.mined_at > payment.seen_at + timedelta(seconds=ports.settings.payment_unmined_seconds)
