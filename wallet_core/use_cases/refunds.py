"""What refunds share, at the desk, in the chat and in the worker: what is withheld, and how one ends."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.domain.quote import coins_for
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.domain.refund import NO_REFUND, RefundEnd, refund_over
from wallet_core.domain.transaction_size import least_minor
from wallet_core.ports import Ports
from wallet_core.use_cases.cases import case_of, to_admins

#: After these nobody's coins lie aside for the case, whatever somebody wrote into it.
_ENDS: Final = ("purchase_credited", "case_kept", "case_closed", "case_lapsed")


async def withheld_minor(ports: Ports, case: Case) -> int:
    """Coins of a case that a refund withholds for the network: the fixed fee at today's rate, rounded up.

    Raises ``Refused``: RATE_UNAVAILABLE, or BELOW_MINIMUM with the least in coins when nothing worth sending is left.
    """
    rate = await ports.rates.rate(case.asset)
    fee_minor = coins_for(ports.settings.refund_fee_minor(case.asset), rate.itd_minor, case.asset)
    minimum_minor = fee_minor + least_minor(case.asset)
    if case.coin_minor < minimum_minor:
        raise Refused(Reason.BELOW_MINIMUM, minimum_minor=minimum_minor, asset=case.asset)
    return fee_minor


async def refundable_case(ports: Ports, caller: Caller, case_id: str) -> Case:
    """The caller's case for which an address is asked. Raises ``Refused`` NOT_FOUND, NOT_YOURS or WRONG_STATE."""
    case = await case_of(ports, case_id)
    if case.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    if (case.state, case.choice) != (CaseState.WAITING, CaseChoice.REFUND):
        raise Refused(Reason.WRONG_STATE, what=Case.collection, state=case.state)
    return case


async def refund_end(ports: Ports, refund: Withdrawal, state: CaseState) -> RefundEnd:
    """What else the posting that ends a refund has; nothing for a withdrawal.

    CLOSED: it was paid. WAITING: the person took it back, and may name another address. OPEN: it could not be paid, and
    an admin decides anew. Raises ``InvariantViolated`` when its case was changed.
    """
    if refund.case is None:
        return NO_REFUND
    case = await case_of(ports, refund.case)
    invoice = await ports.store.get(Invoice, case.invoice)
    if invoice is None:
        raise InvariantViolated(f"case {case.id} is about no invoice")
    steps = {
        CaseState.CLOSED: InvoiceStep.REFUNDED,
        CaseState.WAITING: InvoiceStep.REFUND,
        CaseState.OPEN: InvoiceStep.CASE,
    }
    told = invoice_message(invoice, steps[state], case=case.id, aside_minor=case.coin_minor, case_kind=case.kind.value)
    over = case.model_copy(update={"state": state})
    decisions = {"decisions": case.decisions + 1} if state is CaseState.OPEN else {}
    admins = await to_admins(ports, over.model_copy(update=decisions)) if state is not CaseState.WAITING else ()
    return RefundEnd((refund_over(case.id, state, **decisions),), (told, *admins))


async def is_refundable(ports: Ports, refund: Withdrawal) -> bool:
    """Whether a refund may be batched now: its payments are in final blocks. The worker asks before it forms.

    Raises ``InvariantViolated`` when its case is another one than was decided, or ended in another way.
    """
    case = await case_of(ports, refund.case or "")
    says = (case.person, case.asset, case.coin_minor, case.id, case.state, case.choice)
    asked = (refund.person, refund.asset, refund.coin_minor + refund.withheld_minor, refund.id)
    if says != (*asked, CaseState.PAYING, CaseChoice.REFUND):
        raise InvariantViolated(f"refund {refund.id} is not what its case says")
    if await _has_ended(ports, case):
        raise InvariantViolated(f"case {case.id} ended before its refund")
    return await _are_final(ports, case)


async def _has_ended(ports: Ports, case: Case) -> bool:
    """By the journal: by itself, or with another payment that made it worth a credit."""
    ends = {"people": case.person, "kind": _ENDS}
    by_itself = await ports.store.count(JournalRecord, {**ends, "facts.case": case.id})
    return bool(by_itself or await ports.store.count(JournalRecord, {**ends, "facts.cases": case.id}))


async def _are_final(ports: Ports, case: Case) -> bool:
    """On chains of coins: what a reorganisation may still take away is not sent back."""
    if case.asset is Asset.ETH or not case.payments:
        return True
    rail = await ports.store.get(Rail, case.asset)
    final = rail.seen_height - ports.settings.coins(case.asset).final_depth if rail else -1
    booked = PaymentState.CREDITED if case.kind is CaseKind.ABOVE_LIMIT else PaymentState.CASE
    there = await ports.store.find(Payment, {"_id": case.payments, "state": booked}, limit=len(case.payments))
    heights = [payment.height for payment in there if payment.height is not None and payment.height <= final]
    return len(heights) == len(case.payments)
