"""The postings of a refund or a dispute: its ITD is set aside, and then it is gone, or the person's again.

In this order, whoever began it: what is set aside cannot be spent while the card company decides, and the person's
money is touched by nothing but these postings, each with a key that stands for it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from payout_worker.ports import CardPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.accounts import available
from wallet_core.domain.card import CardClaim, ClaimKind
from wallet_core.domain.card_lots import divided, lots_given
from wallet_core.domain.card_reversal import (
    UNDECIDED,
    CardReversal,
    ReversalState,
    dispute_closed,
    enlarged,
    opening,
    reversed_by,
    reversed_for_good,
)
from wallet_core.domain.case import Case, CaseKind, CaseState, case_id, closed
from wallet_core.domain.changes import Move
from wallet_core.domain.debt import repayment, taken_back
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Entry, Message, Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import (
    hold_released,
    loss_borne,
    loss_recovered,
    purchase_credited,
    purchase_reversed,
)
from wallet_core.domain.payment import Payment
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.domain.record import Change
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.cases import Opening as CaseOpening
from wallet_core.use_cases.cases import ended
from wallet_core.use_cases.cases import opening as case_opening

log = structlog.get_logger(__name__)

_OPEN_STEPS = {ClaimKind.REFUND: InvoiceStep.REFUNDING, ClaimKind.DISPUTE: InvoiceStep.DISPUTED}
_DONE_STEPS = {ClaimKind.REFUND: InvoiceStep.REFUNDED, ClaimKind.DISPUTE: InvoiceStep.REVERSED}


async def open_claim(
    ports: CardPorts, tenure: Tenure, payment_id: str, claim: CardClaim, reversal_id: str
) -> CardReversal:
    """Sets aside what is still there of the ITD that the claimed dollars had bought, and tells the person."""
    payment = await _payment(ports, payment_id)
    reversal = CardReversal(
        id=reversal_id,
        kind=claim.kind,
        state=ReversalState.OPEN,
        person=payment.person,
        invoice=payment.invoice,
        payment=payment.id,
        claim=claim.id,
        coin_minor=claim.amount_minor,
    )
    guards, now = await _guards(ports, payment.person), await ports.store.now()
    opened = opening(reversal, payment, guards, await _available_minor(ports, payment.person), now)
    case = await _case(ports, opened.reversal)
    await ports.ledger.post(
        tenure.posting_once(
            "card_claim_opened",
            f"claim:{reversal_id}",
            *opened.changes,
            *(case.changes if case else ()),
            entries=opened.entries,
            messages=(*await _told(ports, opened.reversal, _OPEN_STEPS[claim.kind]), *(case.messages if case else ())),
            people=(payment.person,),
            facts=_facts(opened.reversal),
        )
    )
    log.warning("claim_opened", claim=reversal_id, kind=claim.kind, held_minor=opened.reversal.held_minor)
    return opened.reversal


async def enlarge(ports: CardPorts, tenure: Tenure, reversal: CardReversal, claimed_minor: int) -> CardReversal:
    """Sets aside what another claim, that was given up meanwhile, kept from this one; as it is where there is none."""
    payment = await _payment(ports, reversal.payment)
    more_minor = min(claimed_minor - reversal.coin_minor, payment.coin_minor - payment.reversed_minor)
    if more_minor <= 0:
        return reversal
    guards, now = await _guards(ports, payment.person), await ports.store.now()
    available_minor = await _available_minor(ports, payment.person)
    opened = enlarged(reversal, payment, more_minor, guards, available_minor=available_minor, now=now)
    await ports.ledger.post(
        tenure.posting_once(
            "card_claim_enlarged",
            f"claim:{reversal.id}:{opened.reversal.coin_minor}",
            *opened.changes,
            entries=opened.entries,
            messages=await _told(ports, opened.reversal, _OPEN_STEPS[reversal.kind]),
            people=(payment.person,),
            facts=_facts(opened.reversal),
        )
    )
    log.warning("claim_enlarged", reversal=reversal.id, held_minor=opened.reversal.held_minor)
    return opened.reversal


async def finish(ports: CardPorts, tenure: Tenure, reversal: CardReversal, claim_id: str, lost_minor: int) -> bool:
    """The dollars are back at the card: what was set aside is gone, and what is missing of it is owed.

    The claim that took them is written down: whatever else has the reversal's id on it is another one. It took
    ``lost_minor`` cents beyond what was ever paid, which the house bears in the same posting.
    """
    payment, person = await _payment(ports, reversal.payment), reversal.person
    missing = taken_back(person, await _available_minor(ports, person), reversal.itd_minor - reversal.held_minor)
    case, fields = await _case_over(ports, reversal, "lost"), {"claim": claim_id, "lost_minor": lost_minor}
    await ports.ledger.post(
        tenure.posting_once(
            "card_money_reversed",
            f"reverse:{payment.id}:{reversal.id}",
            Move(CardReversal, reversal.id, frozenset(UNDECIDED), ReversalState.DONE, fields),
            reversed_for_good(payment),
            *missing.changes,
            *_closed(reversal),
            *case.changes,
            entries=(*_undone(reversal, payment, missing.covered_minor), *loss_borne(lost_minor)),
            messages=(
                *await _told(ports, reversal, _DONE_STEPS[reversal.kind], owed_minor=missing.owed_minor),
                *case.messages,
            ),
            people=(person,),
            facts={**_facts(reversal), "lost_minor": lost_minor},
        )
    )
    log.info("card_money_reversed", reversal=reversal.id, owed_minor=missing.owed_minor, lost_minor=lost_minor)
    return True


def _undone(reversal: CardReversal, payment: Payment, covered_minor: int) -> tuple[Entry, ...]:
    return purchase_reversed(
        reversal.person,
        payment.asset,
        coin_minor=reversal.coin_minor,
        itd_minor=reversal.itd_minor,
        fee_minor=reversal.fee_minor,
        rate_minor=payment.rate_minor,
        held_minor=reversal.held_minor,
        covered_minor=covered_minor,
    )


async def give_back(ports: CardPorts, tenure: Tenure, reversal: CardReversal) -> bool:
    """The refund failed or the dispute was won, perhaps after it had been booked: the ITD is the person's again."""
    payment = await _payment(ports, reversal.payment)
    if reversal.state is ReversalState.DONE:
        posting = await _credited_again(ports, tenure, reversal, payment)
    else:
        posting = await _released(ports, tenure, reversal, payment)
    await ports.ledger.post(posting)
    log.info("claim_returned", reversal=reversal.id, was=reversal.state)
    return True


async def _released(ports: CardPorts, tenure: Tenure, reversal: CardReversal, payment: Payment) -> Posting:
    lots = (lots_given(reversal.person, reversal.lots),) if reversal.lots else ()
    case = await _case_over(ports, reversal, "won")
    return tenure.posting_once(
        "card_claim_returned",
        f"claim_returned:{reversal.id}",
        Move(CardReversal, reversal.id, frozenset(UNDECIDED), ReversalState.RETURNED),
        reversed_by(payment, -reversal.share),
        *lots,
        *_closed(reversal),
        *case.changes,
        entries=hold_released(reversal.person, reversal.held_minor) if reversal.held_minor else (),
        messages=(
            *await _told(ports, reversal, InvoiceStep.CREDITED, returned=reversal.kind.value),
            *case.messages,
        ),
        people=(reversal.person,),
        facts=_facts(reversal),
    )


async def _credited_again(ports: CardPorts, tenure: Tenure, reversal: CardReversal, payment: Payment) -> Posting:
    """The card company changed its mind after the end: the same ITD is bought again, and repays what was owed."""
    back = repayment(await _guards(ports, reversal.person), reversal.itd_minor)
    # As young as it was: a stolen card may be closed before its refund arrives.
    young, _ = divided(reversal.lots, reversal.itd_minor - back.amount_minor)
    bought = purchase_credited(
        reversal.person,
        payment.asset,
        coin_minor=reversal.coin_minor,
        itd_minor=reversal.itd_minor,
        fee_minor=reversal.fee_minor,
        rate_minor=payment.rate_minor,
    )
    return tenure.posting_once(
        "card_claim_returned",
        f"credited_again:{reversal.id}",
        Move(CardReversal, reversal.id, frozenset({ReversalState.DONE}), ReversalState.RETURNED, {"lost_minor": 0}),
        reversed_by(payment, -reversal.share),
        *back.changes,
        *((lots_given(reversal.person, young),) if young else ()),
        entries=(*bought, *back.entries, *loss_recovered(reversal.lost_minor)),
        messages=await _told(ports, reversal, InvoiceStep.CREDITED, returned=reversal.kind.value),
        people=(reversal.person,),
        facts=_facts(reversal),
    )


async def _payment(ports: CardPorts, payment_id: str) -> Payment:
    payment = await ports.store.get(Payment, payment_id)
    if payment is None:
        raise InvariantViolated(f"there is no payment {payment_id}")
    return payment


async def _guards(ports: CardPorts, person: int) -> Guards:
    return await ports.store.get(Guards, person) or Guards(id=person)


async def _available_minor(ports: CardPorts, person: int) -> int:
    return await balance_minor(ports.store, available(person))


async def _told(ports: CardPorts, reversal: CardReversal, step: InvoiceStep, **more: Any) -> tuple[Message, ...]:
    invoice = await ports.store.get(Invoice, reversal.invoice)
    if invoice is None:
        raise InvariantViolated(f"there is no invoice {reversal.invoice}")
    about = {"reversed_coin_minor": reversal.coin_minor, "reversed_minor": reversal.itd_minor}
    return (invoice_message(invoice, step, **about, **more),)


def _facts(reversal: CardReversal) -> dict[str, Any]:
    return {
        "reversal": reversal.id,
        "kind": reversal.kind,
        "invoice": reversal.invoice,
        "asset": Asset.USD,
        "coin_minor": reversal.coin_minor,
    }


def _closed(reversal: CardReversal) -> tuple[Change, ...]:
    return (dispute_closed(reversal.person, reversal.id),) if reversal.kind is ClaimKind.DISPUTE else ()


async def _case(ports: CardPorts, reversal: CardReversal) -> CaseOpening | None:
    """A dispute is a case on the desk, because the evidence against it is for people to collect."""
    if reversal.kind is not ClaimKind.DISPUTE:
        return None
    case = Case(
        id=case_id(CaseKind.DISPUTE, reversal.id),
        kind=CaseKind.DISPUTE,
        person=reversal.person,
        invoice=reversal.invoice,
        asset=Asset.USD,
        payments=(reversal.payment,),
        opened_at=await ports.store.now(),
        facts={"claim": reversal.id, "usd_minor": reversal.coin_minor, "held_minor": reversal.held_minor},
    )
    return await case_opening(ports.core, case)


@dataclass(frozen=True, slots=True)
class _CaseOver:
    """The end of a dispute's case, and what the admins read of it; nothing where there is none to be ended."""

    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()


async def _case_over(ports: CardPorts, reversal: CardReversal, outcome: str) -> _CaseOver:
    case = await ports.store.get(Case, case_id(CaseKind.DISPUTE, reversal.id))
    if case is None or case.state is CaseState.CLOSED:
        return _CaseOver()
    facts = {**case.facts, "outcome": outcome}
    told = await ended(ports.core, (case.model_copy(update={"facts": facts}),))
    return _CaseOver((closed(case, facts=facts),), told)
