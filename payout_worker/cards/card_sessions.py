"""The page at which an invoice is paid: opened once, and looked at until it is paid, failed or expired.

What is believed is the session as the card company has it now. Its state only moves forward, and so does the invoice,
so it does not matter how often or because of which event it is looked at.
"""

from __future__ import annotations

import structlog

from payout_worker.cards.card_credit import credit_card
from payout_worker.cards.card_ends import end_unpaid, note_pending
from payout_worker.ports import CardPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.card import CardSession, ChargeState, SessionStatus, differences
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.receipts import InvoiceStep, invoice_message

log = structlog.get_logger(__name__)


async def open_session(ports: CardPorts, tenure: Tenure, invoice: Invoice) -> bool:
    """Opens the page of a new invoice and shows its link. Killed in between, the same page is asked for again."""
    now = await ports.store.now()
    if now < invoice.expires_at:
        try:
            session = await ports.cards.open_session(invoice)
        except Refused as refused:
            if refused.reason is not Reason.EXPIRED:
                # Once a day, and not for each order: it may be so with everybody's.
                what = str(refused.facts["what"])
                await raise_alarm(ports, tenure, "card_page_refused", what, freeze=False, daily=True)
        else:
            return await adopt_session(ports, tenure, invoice, session)
    # Nobody was ever shown a page, so nobody can have paid at one.
    log.warning("no_page", invoice=invoice.id)
    return await end_unpaid(ports, tenure, invoice, InvoiceStep.EXPIRED)


async def adopt_session(ports: CardPorts, tenure: Tenure, invoice: Invoice, session: CardSession) -> bool:
    """Writes down which session is the invoice's. Only then can a person see it."""
    fields = {"address": session.id, "payment_uri": session.url}
    shown = invoice.model_copy(update=fields)
    if not await _is_ours(ports, tenure, shown, session):
        return False
    open_only = frozenset({InvoiceState.OPEN})
    await ports.ledger.post(
        tenure.posting_once(
            "session_opened",
            f"session:{invoice.id}",
            Move(Invoice, invoice.id, open_only, InvoiceState.OPEN, fields, expected={"address": ""}),
            messages=(invoice_message(shown, InvoiceStep.OPEN),),
            facts={"invoice": invoice.id, "session": session.id},
        )
    )
    log.info("session_opened", invoice=invoice.id, session=session.id)
    return True


async def look_at_session(ports: CardPorts, tenure: Tenure, invoice_id: str) -> bool:
    """Brings an invoice in step with its session; tells whether anything changed."""
    invoice = await ports.store.get(Invoice, invoice_id)
    if invoice is None or not invoice.address or invoice.received_minor:
        return False
    session = await ports.cards.session(invoice.address)
    if session.status is SessionStatus.OPEN or not await _is_ours(ports, tenure, invoice, session):
        return False
    if session.status is SessionStatus.EXPIRED:
        return await end_unpaid(ports, tenure, invoice, InvoiceStep.EXPIRED)
    return await _look_at_payment(ports, tenure, invoice, session)


async def _look_at_payment(ports: CardPorts, tenure: Tenure, invoice: Invoice, session: CardSession) -> bool:
    """The person is through with the page; the money may still take days, or never come."""
    if session.payment is None:
        await raise_alarm(ports, tenure, "card_mismatch", f"{invoice.id}: payment", freeze=False)
        return False
    if session.paid:
        return await credit_card(ports, tenure, invoice, session.payment)
    if await ports.cards.charge(session.payment) is ChargeState.FAILED:
        return await end_unpaid(ports, tenure, invoice, InvoiceStep.FAILED)
    return await note_pending(ports, tenure, invoice, session.payment)


async def _is_ours(ports: CardPorts, tenure: Tenure, invoice: Invoice, session: CardSession) -> bool:
    """Whether it is what was opened for the invoice, to the last cent. If not nothing is booked, and owners look."""
    wrong = differences(session, invoice, ports.account.live)
    if wrong:
        await raise_alarm(ports, tenure, "card_mismatch", f"{invoice.id}: {', '.join(wrong)}", freeze=False)
    return not wrong
