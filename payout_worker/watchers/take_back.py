"""Posts reversals: what was credited and is not in the chain any more is taken back, or owed where it was spent."""

from __future__ import annotations

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from payout_worker.watchers.above_limit import held_no_more
from wallet_core.domain import reversal
from wallet_core.domain.accounts import available
from wallet_core.domain.case import UNDECIDED, Case, CaseKind, case_about, case_id, closed
from wallet_core.domain.changes import Move
from wallet_core.domain.ledger import Balance, Message
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.domain.record import Change
from wallet_core.domain.reversal import Reversal
from wallet_core.use_cases.cases import ended, opening

log = structlog.get_logger(__name__)

#: What a reversal was decided on.
_READ = ("received_minor", "credited_minor", "held_minor", "aside_minor", "generation", "swept_minor")


async def take_back_payment(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, payment: Payment) -> None:
    """Exactly what the payment had made, under ``reverse:<payment>:<generation>``.

    Raises ``Refused`` INSUFFICIENT_FUNDS when it is spent at this very moment.
    """
    found = reversal.of_payment(invoice, payment, await _available_minor(ports, invoice))
    fields = {"generation": payment.generation + 1, "height": None, "block_hash": None}
    credited, expected = frozenset({PaymentState.CREDITED}), {"generation": payment.generation}
    moved = Move(Payment, payment.id, credited, PaymentState.REVERSED, fields, expected=expected)
    await _post(ports, tenure, found, f"{payment.id}:{payment.generation}", (payment.id,), moved)


async def take_back_balance(
    ports: WorkerPorts, tenure: Tenure, invoice: Invoice, left_minor: int, *more: Change
) -> None:
    """What was credited above ``left_minor`` coins, under ``reverse:<invoice>:<generation>:<left>``.

    Raises ``Refused`` INSUFFICIENT_FUNDS when it is spent at this very moment.
    """
    found = reversal.of_balance(invoice, left_minor, await _available_minor(ports, invoice))
    await _post(ports, tenure, found, f"{invoice.id}:{invoice.generation}:{left_minor}", (), *more)


async def _available_minor(ports: WorkerPorts, invoice: Invoice) -> int:
    balance = await ports.store.get(Balance, available(invoice.person).id)
    return balance.balance_minor if balance else 0


async def _post(
    ports: WorkerPorts, tenure: Tenure, found: Reversal, subject: str, payments: tuple[str, ...], *more: Change
) -> None:
    invoice, owed_minor = found.invoice, found.taken.owed_minor
    fields = {**found.fields(), "generation": invoice.generation + 1}
    expected = {name: getattr(invoice, name) for name in _READ}
    after = Invoice.of({**invoice.document(), **fields})
    case_changes, case_messages = await _owed(ports, found, subject, payments)
    over = await held_no_more(ports, invoice, after.held_minor)
    told = invoice_message(after, InvoiceStep.REVERSED, reversed_minor=found.itd_minor, owed_minor=owed_minor)
    facts = {"invoice": invoice.id, "coin_minor": found.coin_minor, "itd_minor": found.itd_minor}
    await ports.ledger.post(
        tenure.posting_once(
            "purchase_reversed",
            f"reverse:{subject}",
            Move(Invoice, invoice.id, frozenset(InvoiceState), invoice.state, fields, expected=expected),
            *more,
            *found.taken.changes,
            *case_changes,
            *(closed(case) for case in over),
            entries=found.entries(),
            messages=(told, *case_messages, *await ended(ports.core, over)),
            people=(invoice.person,),
            facts=facts | {"txid": invoice.txid},
        )
    )
    log.warning("reversed", subject=subject, owed_minor=owed_minor, **facts)


async def _owed(
    ports: WorkerPorts, found: Reversal, subject: str, payments: tuple[str, ...]
) -> tuple[tuple[Change, ...], tuple[Message, ...]]:
    """The admins are told of what was spent already."""
    owed_minor, invoice = found.taken.owed_minor, found.invoice
    if not owed_minor:
        return (), ()
    facts, now = {"owed_minor": owed_minor, "itd_minor": found.itd_minor}, await ports.store.now()
    case = case_about(invoice, CaseKind.OWED, subject, now, payments=payments, facts=facts)
    opened = await opening(ports.core, case)
    return opened.changes, opened.messages


async def owed_no_more(ports: WorkerPorts, subject: str) -> tuple[Case, ...]:
    """The case of what was owed, which ends because the coins came again."""
    case = await ports.store.get(Case, case_id(CaseKind.OWED, subject))
    return (case,) if case is not None and case.state in UNDECIDED else ()
