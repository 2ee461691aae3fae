"""Give a purchase back to the card that paid it."""

from __future__ import annotations

import dataclasses

from wallet_core.domain.accounts import available
from wallet_core.domain.card import ClaimKind
from wallet_core.domain.card_reversal import CardReversal, ReversalState, opening, share_of
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.gate import if_trusted, use_case


@use_case(Access.FINANCE)
async def refund_card_purchase(ports: Ports, caller: Caller, invoice_id: str, code: str) -> CardReversal:
    """Sets the person's ITD aside, with the admin's own code; the worker then has the dollars sent back.

    All that was not taken back before. Raises ``Refused``: NOT_FOUND, NOT_ALLOWED for one's own purchase, WRONG_STATE
    when nothing is left to be given back, INSUFFICIENT_FUNDS when the person has spent it, or the code's.
    """
    payment, invoice = await _paid(ports, invoice_id)
    if payment.person == caller.person:
        raise Refused(Reason.NOT_ALLOWED)
    left_minor = payment.coin_minor - payment.reversed_minor
    if payment.state is not PaymentState.CREDITED or not left_minor:
        raise Refused(Reason.WRONG_STATE, what="payments", state=payment.state)
    reversal = CardReversal(
        id=new_id(),
        kind=ClaimKind.REFUND,
        state=ReversalState.WANTED,
        person=payment.person,
        invoice=invoice.id,
        payment=payment.id,
        coin_minor=left_minor,
        asked_by=caller.person,
    )
    sealed = reversal.model_copy(update={"mac": ports.vault.mac(reversal.terms())})
    posting, wanted = await _posting(ports, caller, sealed, payment, invoice)
    await post_with_code(ports, caller, code, posting)
    return wanted


async def _paid(ports: Ports, invoice_id: str) -> tuple[Payment, Invoice]:
    invoice = await ports.store.get(Invoice, invoice_id.strip().lower())
    if invoice is None or invoice.asset is not Asset.USD:
        raise Refused(Reason.NOT_FOUND, what="invoices")
    found = await ports.store.find(Payment, {"invoice": invoice.id}, limit=1)
    if not found:
        raise Refused(Reason.WRONG_STATE, what="invoices", state=invoice.state)
    return found[0], invoice


async def _posting(
    ports: Ports, caller: Caller, reversal: CardReversal, payment: Payment, invoice: Invoice
) -> tuple[Posting, CardReversal]:
    guards = await ports.store.get(Guards, payment.person)
    if guards is None:
        raise InvariantViolated(f"payment {payment.id} is of nobody")
    available_minor = await balance_minor(ports.store, available(payment.person))
    wanted_minor = share_of(payment, reversal.coin_minor).itd_minor
    if available_minor < wanted_minor:
        raise Refused(Reason.INSUFFICIENT_FUNDS, available_minor=available_minor, needed_minor=wanted_minor)
    opened = opening(reversal, payment, guards, available_minor, await ports.store.now())
    about = {"reversed_coin_minor": opened.reversal.coin_minor, "reversed_minor": opened.reversal.itd_minor}
    posting = Posting(
        f"refund:{reversal.id}",
        "card_refund_asked",
        caller.name,
        entries=opened.entries,
        changes=opened.changes,
        messages=(invoice_message(invoice, InvoiceStep.REFUNDING, **about),),
        people=(caller.person, payment.person),
        facts={"reversal": reversal.id, "invoice": invoice.id, "asset": invoice.asset, **about},
    )
    allowed = if_trusted(ports, caller.person, Access.FINANCE)
    return dataclasses.replace(posting, changes=(*allowed, *posting.changes)), opened.reversal
