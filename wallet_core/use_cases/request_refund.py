"""Ask for the refund that was offered: it enters the queue of payouts."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.case import Case
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.intent import Intent, IntentKind, confirmed
from wallet_core.domain.judged import judged
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import Decision, PolicyFacts, Stage, Verdict, decide_refund
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.receipts import InvoiceStep, WithdrawalStep, invoice_message, withdrawal_message
from wallet_core.domain.refund import QueueRefund, refund_begun
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import accepted_code, post_consuming
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.offered_payouts import offered_payout, refusal
from wallet_core.use_cases.policy_facts import Asked, policy_facts
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.queue_place import queue_place
from wallet_core.use_cases.quote_withdrawal import refuse_by_policy
from wallet_core.use_cases.refunds import refundable_case


@use_case(Access.ENROLLED)
async def request_refund(ports: Ports, caller: Caller, intent_id: str, code: str) -> Withdrawal:
    """Takes a code always, and queues the payout; nothing in the books moves before it is final.

    Raises ``AlreadyDone`` with the payout when it was requested before, and ``Refused``: POLICY with the finding,
    WRONG_STATE when an admin decided otherwise meanwhile, the code, an expired offer, a freeze or a debt.
    """
    intent = await offered_payout(ports, caller, intent_id, IntentKind.REFUND)
    case = await refundable_case(ports, caller, intent.case or "")
    if (case.asset, case.coin_minor) != (intent.asset, intent.coin_minor + intent.withheld_minor):
        raise InvariantViolated(f"refund {intent.id} is not what its case says")
    consume = await accepted_code(ports, caller, code)
    facts = await policy_facts(ports, Asked.of(intent))
    decision = decide_refund(facts, await active_set(ports))
    seen = judged(intent.id, Stage.REFUND, facts, decision)
    if decision.verdict is Verdict.REFUSE:
        await post_consuming(ports, caller, consume, refusal(caller, intent, decision, seen))
        refuse_by_policy(decision)
    refund = _refund(ports, intent, case, facts, decision)
    posting = await _request(ports, caller, intent, case, refund)
    posting = replace(posting, changes=(*posting.changes, seen))
    receipt = await post_consuming(ports, caller, consume, posting)
    stored = await ports.store.get(Withdrawal, refund.id)
    if stored is None:
        raise Unavailable(f"refund {receipt.key} was posted and cannot be read")
    return stored


def _refund(ports: Ports, intent: Intent, case: Case, facts: PolicyFacts, decision: Decision) -> Withdrawal:
    asset, address = intent.payee
    refund = Withdrawal(
        id=case.id,
        person=intent.person,
        state=PayoutState.QUEUED,
        asset=asset,
        address=address,
        amount_minor=intent.amount_minor,
        fee_minor=intent.fee_minor,
        coin_minor=intent.coin_minor,
        rate_minor=intent.rate_minor,
        quoted_until=facts.now,
        mac="",
        decision=decision.model_dump(),
        limit_day=facts.day,
        not_before=decision.not_before,
        case=case.id,
        withheld_minor=intent.withheld_minor,
        round=case.refunds,
    )
    return refund.model_copy(update={"mac": ports.vault.mac(refund.terms())})


async def _request(ports: Ports, caller: Caller, intent: Intent, case: Case, refund: Withdrawal) -> Posting:
    told = Decision.model_validate(refund.decision).told
    at = await queue_place(ports, refund)
    receipt = withdrawal_message(refund, WithdrawalStep.QUEUED, told, place=at.place, length=at.length)
    invoice = await ports.store.get(Invoice, case.invoice)
    card = (invoice_message(invoice, InvoiceStep.REFUNDING, aside_minor=case.coin_minor),) if invoice else ()
    return Posting(
        f"refund:{intent.id}",
        "refund_requested",
        caller.name,
        changes=(
            confirmed(intent.id),
            WhileOpen(Doing.WITHDRAWAL, refund.asset),
            unless_frozen(caller.person),
            unless_owing(caller.person),
            refund_begun(case),
            QueueRefund(refund),
        ),
        messages=(receipt, *card),
        people=(caller.person,),
        facts={"intent": intent.id, "invoice": case.invoice, "case": case.id, "address": refund.address},
    )
