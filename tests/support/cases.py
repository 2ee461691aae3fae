"""A payment that is too small, as the worker leaves it: booked, lying aside, with a case at the desk."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from wallet_core.domain.case import Case, CaseKind, case_about
from wallet_core.domain.changes import Insert
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState, payment_id
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.ports import Ports
from wallet_core.use_cases.cases import opening

_numbers = count(1)


def invoice_of(person: int, now: datetime, asset: Asset = Asset.BTC, **fields: Any) -> Invoice:
    """An invoice over 50 ITD with an address that nobody has."""
    number = next(_numbers)
    return Invoice(
        **{
            "id": f"{number:032x}",
            "person": person,
            "asset": asset,
            "address": f"address{number}",
            "index": number,
            "payment_uri": f"bitcoin:address{number}?amount=1",
            "amount_minor": 50_000_000,
            "fee_minor": 500_000,
            "fee_basis_points": 100,
            "coin_minor": 84_167,
            "rate_minor": 60_000_000_000,
            "created_at": now,
            "expires_at": now,
            "limit_day": now.strftime("%Y-%m-%d"),
            **fields,
        }
    )


def payment_of(invoice: Invoice, coin_minor: int, **fields: Any) -> Payment:
    """A payment to the invoice in block 5."""
    txid = f"{next(_numbers):064x}"
    return Payment(
        **{
            "id": payment_id(invoice.asset, txid),
            "asset": invoice.asset,
            "invoice": invoice.id,
            "person": invoice.person,
            "txid": txid,
            "index": 0,
            "coin_minor": coin_minor,
            "height": 5,
            "block_hash": "05",
            "seen_at": invoice.created_at,
            "timely": True,
            **fields,
        }
    )


async def too_small(ports: Ports, invoice: Invoice, coin_minor: int, *, known: bool = False) -> Case:
    """Opens the case of such a payment, and puts its invoice there unless it is ``known``."""
    payment = payment_of(invoice, coin_minor, state=PaymentState.CASE)
    subject, now = f"{payment.id}:0", await ports.store.now()
    case = case_about(invoice, CaseKind.TOO_SMALL, subject, now, coin_minor=coin_minor, payments=(payment.id,))
    opened = await opening(ports, case)
    after = invoice.model_copy(update={"aside_minor": coin_minor})
    await ports.ledger.post(
        Posting(
            f"case:{case.id}",
            "case_opened",
            "worker:test",
            entries=opened.entries,
            changes=(*(() if known else (Insert(after),)), Insert(payment), *opened.changes),
            messages=(invoice_message(after, InvoiceStep.CASE), *opened.messages),
            people=(invoice.person,),
            facts={"case": case.id, "invoice": invoice.id, "coin_minor": coin_minor},
        )
    )
    return opened.case
