"""Ends cases whose coins left the chain, as long as nobody has been given anything for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.case import UNDECIDED, Case, CaseKind, CaseState, closed
from wallet_core.domain.changes import Move
from wallet_core.domain.ledger import Entry, Message
from wallet_core.domain.movements import payment_taken_up
from wallet_core.domain.payout import PayoutState, Withdrawal, move_payout
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import (
    InvoiceStep,
    WithdrawalStep,
    invoice_message,
    step_of,
    withdrawal_message,
)
from wallet_core.domain.record import Change
from wallet_core.use_cases.cases import check_case, ended
from wallet_core.use_cases.held_back import hold_again

log = structlog.get_logger(__name__)

_READ: Final = ("pending_minor", "received_minor", "aside_minor", "generation")
#: A refund that is in no batch yet is never paid once its case has ended.
_NOT_BATCHED: Final = (PayoutState.QUEUED, PayoutState.REVIEW)


async def lapse(ports: WorkerPorts, tenure: Tenure, invoice: Invoice, case: Case, *more: Change) -> bool:
    """Closes the case; its coins lie aside no more, and a refund that only waits for its batch is cancelled.

    False when the coins were given away already: refunded, in a batch, or kept. Refused when an admin or a batch comes
    first at this very moment. Raises ``InvariantViolated`` for a case that somebody changed.
    """
    refund = await ports.store.get(Withdrawal, case.id) if case.state is CaseState.PAYING else None
    if case.state not in UNDECIDED and (refund is None or refund.state not in _NOT_BATCHED):
        return False
    check_case(ports.core, case)
    left = _left(ports, case, invoice)
    receipt = (withdrawal_message(refund, WithdrawalStep.CANCELLED),) if refund else ()
    cancelled = (move_payout(refund.id, refund.state, PayoutState.CANCELLED),) if refund else ()
    over = left.case.model_copy(update={"choice": None})
    fields = {name: getattr(over, name) for name in ("choice", "coin_minor", "payments", "mac", "facts")}
    await ports.ledger.post(
        tenure.posting_once(
            "case_lapsed",
            f"lapse:{case.id}",
            left.moved,
            closed(case, **fields),
            *cancelled,
            *more,
            entries=left.entries,
            messages=(_told(left.invoice), *receipt, *await ended(ports.core, (over,))),
            people=(invoice.person,),
            facts={"case": case.id, "invoice": invoice.id, "coin_minor": case.coin_minor},
        )
    )
    log.warning("case_lapsed", invoice=invoice.id, case=case.id, refund=refund.state if refund else None)
    return True


@dataclass(frozen=True, slots=True)
class _Left:
    """The case and the invoice without the coins that lay aside."""

    case: Case
    invoice: Invoice
    moved: Move
    entries: tuple[Entry, ...]


def _left(ports: WorkerPorts, case: Case, invoice: Invoice) -> _Left:
    if case.kind is CaseKind.ABOVE_LIMIT:
        # It is held as before, so that it is taken back as it was booked.
        held = hold_again(ports.core, case, invoice)
        return _Left(held.case, held.invoice, held.change, held.entries)
    # The same coins may come again, on Ethereum to the same total: then theirs is a case of its own.
    fields = {"aside_minor": invoice.aside_minor - case.coin_minor, "generation": invoice.generation + 1}
    expected = {name: getattr(invoice, name) for name in _READ}
    moved = Move(Invoice, invoice.id, frozenset(InvoiceState), invoice.state, fields, expected=expected)
    return _Left(case, invoice.model_copy(update=fields), moved, payment_taken_up(invoice.asset, case.coin_minor))


def _told(after: Invoice) -> Message:
    return invoice_message(after, step_of(after) if after.pending_minor or after.received_minor else InvoiceStep.GONE)
