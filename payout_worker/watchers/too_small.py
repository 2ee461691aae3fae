"""Payments that are too small to be credited by themselves: they become cases at the desk, and count with the next."""

from __future__ import annotations

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.case import CaseKind, case_about
from wallet_core.domain.changes import Move
from wallet_core.domain.deposit import Deposit
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.domain.record import Change
from wallet_core.use_cases.cases import opening

log = structlog.get_logger(__name__)

_READ = ("pending_minor", "received_minor", "aside_minor", "generation")


def is_too_small(ports: WorkerPorts, paid: Deposit, worth_minor: int) -> bool:
    """Whether no rule credits it: it does not complete its order, and all that came is worth too little."""
    return worth_minor < ports.settings.itd("min_payment") and not paid.completes_order


async def set_aside(ports: WorkerPorts, tenure: Tenure, paid: Deposit, subject: str, *more: Change) -> None:
    """Opens the case of a final payment; its coins lie aside. ``more`` moves its record, where it has one."""
    invoice = paid.invoice
    payments = tuple(change.target.id for change in more)
    case = case_about(
        invoice,
        CaseKind.TOO_SMALL,
        subject,
        await ports.store.now(),
        coin_minor=paid.coin_minor,
        payments=payments,
        facts={"worth_minor": paid.worth_minor, "rate_minor": paid.rate_minor},
    )
    opened = await opening(ports.core, case)
    left_minor = max(0, invoice.pending_minor - paid.coin_minor)
    fields = {
        "aside_minor": invoice.aside_minor + paid.coin_minor,
        "pending_minor": left_minor,
        "pending_since": invoice.pending_since if left_minor else None,
    }
    expected = {name: getattr(invoice, name) for name in _READ}
    told = invoice_message(invoice.model_copy(update=fields), InvoiceStep.CASE, worth_minor=paid.worth_minor)
    await ports.ledger.post(
        tenure.posting_once(
            "case_opened",
            f"case:{case.id}",
            Move(Invoice, invoice.id, frozenset(InvoiceState), invoice.state, fields, expected=expected),
            *opened.changes,
            *more,
            entries=opened.entries,
            messages=(told, *opened.messages),
            people=(invoice.person,),
            facts={"case": case.id, "invoice": invoice.id, "coin_minor": paid.coin_minor},
        )
    )
    log.info("set_aside", invoice=invoice.id, case=case.id, coin_minor=paid.coin_minor)
