"""Whether a queued payout may be batched now. Nothing here takes a counter a second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.return_payout import REQUOTED, returning
from payout_worker.tenure import Tenure
from wallet_core.domain.case import CaseState
from wallet_core.domain.changes import Require
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.policies import Judge, PolicyFacts, Verdict
from wallet_core.domain.quote import coins_out
from wallet_core.domain.refund import RefundEnd
from wallet_core.use_cases.policy_facts import policy_facts_of
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.refunds import is_refundable, refund_end

log = structlog.get_logger(__name__)

#: After its quote ran out, a payout is still paid while its coins are within a hundredth of today's.
_SLACK_DIVISOR: Final = 100


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked for many payouts at once: the database's time, and by payout what the policies look at."""

    now: datetime
    #: None while there is no set that can be trusted: then all wait.
    judge: Judge | None
    facts: Mapping[str, PolicyFacts]

    @classmethod
    async def of(cls, ports: WorkerPorts, payouts: Sequence[Withdrawal]) -> Self:
        """Raises ``Unavailable``, and ``Refused(RAIL_OFF)`` for an unknown rail."""
        judge = await _sound_judge(ports)
        facts = await policy_facts_of(ports.core, payouts)
        return cls(await ports.store.now(), judge, facts)


async def admit(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal, known: Known) -> bool:
    """Asks the intent's seal, the signer's record, the policies and the quote, in this order."""
    return (
        await has_sound_intent(ports, tenure, payout)
        and await _was_never_signed(ports, tenure, payout)
        and await _lies_aside(ports, tenure, payout)
        and _policies_agree(payout, known)
        and await _quote_stands(ports, tenure, payout, known.now)
    )


async def has_sound_intent(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal) -> bool:
    """Whether the terms are those that the person confirmed. Otherwise it is never paid, and the owners are told."""
    if ports.vault.mac_fits(payout.terms(), payout.mac):
        return True
    await raise_alarm(ports, tenure, "payout_tampered", payout.id, freeze=False)
    return False


async def _was_never_signed(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal) -> bool:
    try:
        await ports.signer.check(payout.id)
    except InvariantViolated as violation:
        log.debug("payout_signed_before", payout=payout.id, error=str(violation))
        await raise_alarm(ports, tenure, "payout_signed_before", payout.id, freeze=False)
        return False
    return True


async def _lies_aside(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal) -> bool:
    """Whether a refund's coins are still there, in final blocks, and nothing else was decided about them."""
    if payout.case is None:
        return True
    try:
        is_final = await is_refundable(ports.core, payout)
    except InvariantViolated as violation:
        await _refund_tampered(ports, tenure, payout, violation)
        return False
    if not is_final:
        log.info("payout_waits", payout=payout.id, reason="payment_not_final")
    return is_final


async def refund_end_or_alarm(
    ports: WorkerPorts, tenure: Tenure, payout: Withdrawal, state: CaseState
) -> RefundEnd | None:
    """See ``refund_end``; None when somebody changed the case, which keeps nobody else of the batch waiting."""
    try:
        return await refund_end(ports.core, payout, state)
    except InvariantViolated as violation:
        await _refund_tampered(ports, tenure, payout, violation)
        return None


async def _refund_tampered(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal, why: InvariantViolated) -> None:
    log.debug("refund_tampered", payout=payout.id, error=str(why))
    await raise_alarm(ports, tenure, "refund_tampered", payout.id, freeze=False)


async def _sound_judge(ports: WorkerPorts) -> Judge | None:
    try:
        return Judge(await active_set(ports.core))
    except Refused:
        return None


def _policies_agree(payout: Withdrawal, known: Known) -> bool:
    if known.judge is None:
        log.info("payout_waits", payout=payout.id, reason=Reason.POLICIES_UNSOUND)
        return False
    facts = known.facts[payout.id]
    decision = known.judge.decide_queued(payout, facts)
    waits = decision.not_before is not None and decision.not_before > facts.now
    if decision.verdict is Verdict.APPROVE and not waits:
        return True
    told = decision.told
    log.info("payout_waits", payout=payout.id, verdict=decision.verdict, policy=told.policy if told else None)
    return False


async def _quote_stands(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal, now: datetime) -> bool:
    """A quote that ran out is priced again: what was promised is paid while the house can bear the difference."""
    # A refund promises coins, whatever they are worth.
    if payout.case or now <= payout.quoted_until:
        return True
    try:
        rate = await ports.rates.rate(payout.asset)
    except Refused as refused:
        log.info("payout_waits", payout=payout.id, reason=refused.reason)
        return False
    today_minor = coins_out(payout.amount_minor, rate.withdrawal_minor, payout.asset)
    if abs(payout.coin_minor - today_minor) * _SLACK_DIVISOR <= today_minor:
        return True
    # Back to the person, who asks anew: paying either rate would let one side choose after the fact.
    facts = {"reason": REQUOTED, "coin_now_minor": today_minor}
    await ports.ledger.post(returning(tenure, payout, unchanged(payout), facts=facts))
    log.info("returned", payout=payout.id, **facts)
    return False


def unchanged(payout: Withdrawal) -> Require:
    """Refuses when the terms are no longer those that were looked at."""
    names = ("mac", "person", "asset", "address", "coin_minor", "amount_minor", "fee_minor", "rate_minor")
    more = ("case", "withheld_minor", "round") if payout.case else ("mass_send",) if payout.mass_send else ()
    return Require(Withdrawal, payout.id, {name: getattr(payout, name) for name in (*names, *more)})
