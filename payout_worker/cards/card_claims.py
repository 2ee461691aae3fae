"""Refunds and disputes of a payment, whoever began them: each is followed from its first sight to its end.

The card company's list is what is believed. One that nobody of ours asked for is booked in the same way, and the owners
are told of it.
"""

from __future__ import annotations

from payout_worker.cards.card_reversals import enlarge, finish, give_back, open_claim
from payout_worker.ports import CardPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.card import CardClaim, ClaimKind, ClaimState
from wallet_core.domain.card_reversal import UNDECIDED, CardReversal, ReversalState, id_after, is_answer, lost_beyond
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.payment import Payment, PaymentState


async def look_at_claims(ports: CardPorts, tenure: Tenure, payment_id: str) -> bool:
    """Brings our books in step with every refund and dispute of a payment; tells whether anything changed."""
    payment = await _credited(ports, payment_id)
    if payment is None:
        return False
    changed = False
    claims = await ports.cards.claims(payment.txid)
    # What one gives up is there for the others before the person can spend it.
    for claim in sorted(claims, key=lambda claim: claim.state is not ClaimState.KEPT):
        changed |= await _follow(ports, tenure, payment_id, claim)
    return changed


async def look_at_reversal(ports: CardPorts, tenure: Tenure, reversal_id: str) -> bool:
    """Has a refund that an admin asked for made, or sees how far a claim is."""
    reversal = await ports.store.get(CardReversal, reversal_id)
    if reversal is None or reversal.state not in UNDECIDED:
        return False
    if reversal.state is ReversalState.OPEN:
        return await look_at_claims(ports, tenure, reversal.payment)
    payment = await _credited(ports, reversal.payment)
    # Whoever writes into the database must not choose whose money goes back.
    if payment is None or not ports.core.vault.mac_fits(reversal.terms(), reversal.mac):
        raise InvariantViolated(f"reversal {reversal.id} is not what an admin asked for")
    claim = await _asked(ports, tenure, payment, reversal)
    if claim is not None:
        return await _follow(ports, tenure, payment.id, claim)
    await give_back(ports, tenure, reversal)
    # It is not made because of a dispute, for instance, which has a claim on what was set aside for it.
    await look_at_claims(ports, tenure, payment.id)
    return True


async def _asked(ports: CardPorts, tenure: Tenure, payment: Payment, reversal: CardReversal) -> CardClaim | None:
    """Our refund at the card company; None when it will never make it.

    It is looked for before it is asked for: an idempotency key is forgotten after a day (Stripe's documentation).
    """
    for claim in await ports.cards.claims(payment.txid):
        if is_answer(reversal, claim):
            return claim
    try:
        return await ports.cards.refund(reversal.id, payment.txid, reversal.coin_minor)
    except Refused as refused:
        if refused.reason is not Reason.WRONG_STATE:
            raise
        why = f"{reversal.invoice}: {refused.facts['what']}"
        await raise_alarm(ports, tenure, "card_refund_refused", why, freeze=False, daily=True)
        return None


async def _credited(ports: CardPorts, payment_id: str) -> Payment | None:
    payment = await ports.store.get(Payment, payment_id)
    booked = (PaymentState.CREDITED, PaymentState.REVERSED)
    return payment if payment is not None and payment.state in booked else None


async def _follow(ports: CardPorts, tenure: Tenure, payment_id: str, claim: CardClaim) -> bool:
    reversal = await _known(ports, payment_id, claim)
    if claim.state is ClaimState.KEPT:
        if reversal is None or reversal.state is ReversalState.RETURNED:
            return False
        return await give_back(ports, tenure, reversal)
    if reversal is None or reversal.state is ReversalState.RETURNED:
        return await _first_seen(ports, tenure, payment_id, claim, reversal)
    if reversal.state is ReversalState.DONE:
        return await _divide_anew(ports, tenure, payment_id, claim, reversal)
    if reversal.state is ReversalState.WANTED and claim.state is ClaimState.OPEN:
        return await _note_claim(ports, tenure, reversal, claim)
    return await _go_on(ports, tenure, reversal, claim)


async def _known(ports: CardPorts, payment_id: str, claim: CardClaim) -> CardReversal | None:
    """Ours by the id that we gave it, or the newest by the claim's own: one that was raised again has another."""
    ours = await ports.store.get(CardReversal, claim.reversal) if claim.reversal else None
    known = ours if ours is not None and ours.payment == payment_id and is_answer(ours, claim) else None
    while later := await ports.store.get(CardReversal, id_after(known, claim)):
        known = later
    return known


async def _first_seen(
    ports: CardPorts, tenure: Tenure, payment_id: str, claim: CardClaim, known: CardReversal | None
) -> bool:
    """One that nobody here asked for, or that is raised again after its ITD was given back."""
    if claim.currency != "usd":
        await raise_alarm(ports, tenure, "card_mismatch", f"{claim.id}: currency", freeze=False)
        return False
    new_id = id_after(known, claim)
    if known is not None:
        await raise_alarm(ports, tenure, "card_claim_changed", new_id, freeze=False)
    elif claim.kind is ClaimKind.DISPUTE:
        await raise_alarm(ports, tenure, "card_disputed", new_id, freeze=False)
    else:
        await raise_alarm(ports, tenure, "card_refund_elsewhere", new_id, freeze=False)
    opened = await open_claim(ports, tenure, payment_id, claim, new_id)
    await _go_on(ports, tenure, opened, claim)
    return True


async def _go_on(ports: CardPorts, tenure: Tenure, reversal: CardReversal, claim: CardClaim) -> bool:
    """An undecided reversal, once more: takes what others gave up of the dollars, and ends if its own are gone."""
    is_ours = reversal.state is ReversalState.WANTED
    whole = reversal if is_ours else await enlarge(ports, tenure, reversal, claim.amount_minor)
    if claim.state is ClaimState.LOST and (whole.coin_minor >= claim.amount_minor or await _is_oldest(ports, whole)):
        return await _end(ports, tenure, whole, claim)
    return whole is not reversal


async def _end(ports: CardPorts, tenure: Tenure, reversal: CardReversal, claim: CardClaim) -> bool:
    """The dollars are gone. Those beyond what was paid, which another claim took before, are the house's loss."""
    lost_minor = lost_beyond(reversal, claim)
    if lost_minor:
        what = f"{reversal.id}: {plain(lost_minor, Asset.USD)} {Asset.USD}"
        await raise_alarm(ports, tenure, "card_claim_doubled", what, freeze=False)
    return await finish(ports, tenure, reversal, claim.id, lost_minor)


async def _divide_anew(
    ports: CardPorts, tenure: Tenure, payment_id: str, claim: CardClaim, reversal: CardReversal
) -> bool:
    """Another claim gave dollars up after this one had ended at the house's cost: now it takes them from the person."""
    payment = await _credited(ports, payment_id)
    if payment is None or not reversal.lost_minor or payment.reversed_minor == payment.coin_minor:
        return False
    await give_back(ports, tenure, reversal)
    return await _first_seen(ports, tenure, payment_id, claim, reversal)


async def _is_oldest(ports: CardPorts, reversal: CardReversal) -> bool:
    """Whether no older claim on the same payment is undecided: what that gives up would belong to this one."""
    undecided = {"payment": reversal.payment, "state": UNDECIDED}
    oldest = await ports.store.find(CardReversal, undecided, order_by=("opened_at", "_id"), limit=1)
    return [each.id for each in oldest] == [reversal.id]


async def _note_claim(ports: CardPorts, tenure: Tenure, reversal: CardReversal, claim: CardClaim) -> bool:
    """The refund that was asked for is there; only its outcome is open."""
    wanted, fields = frozenset({ReversalState.WANTED}), {"claim": claim.id}
    await ports.ledger.post(
        tenure.posting_once(
            "card_refund_begun",
            f"refund_begun:{reversal.id}",
            Move(CardReversal, reversal.id, wanted, ReversalState.OPEN, fields),
            facts={"reversal": reversal.id, "claim": claim.id},
        )
    )
    return True
