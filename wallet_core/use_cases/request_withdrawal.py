"""Ask for a withdrawal: the policies decide, and what they do not refuse is held in the same posting."""

from __future__ import annotations

from datetime import timedelta

from wallet_core.domain.changes import Insert
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.guards import ChangeGuards, Guards, unless_frozen
from wallet_core.domain.intent import Intent, IntentKind, confirmed
from wallet_core.domain.kyc import Operation
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.movements import withdrawal_held
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller, Role
from wallet_core.domain.policies import Decision, PolicyFacts, Verdict, decide_request
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_message
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import withdraw_from
from wallet_core.use_cases.codes import accepted_code, post_decided
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.limits import take_limit
from wallet_core.use_cases.offered_payouts import offered_payout, unless_refused
from wallet_core.use_cases.policy_facts import policy_facts
from wallet_core.use_cases.queue_place import queue_place


@use_case(Access.ENROLLED)
async def request_withdrawal(ports: Ports, caller: Caller, intent_id: str, code: str) -> Withdrawal:
    """Takes a code always. Holds the money and queues the payout, or puts it up for review.

    Raises ``AlreadyDone`` with the withdrawal when it was requested before, ``Refused(POLICY)`` with the finding, and
    ``Refused`` for the code, an expired offer, a freeze, a debt, a limit, the balance or young card money. Nothing is
    held then.
    """
    intent = await offered_payout(ports, caller, intent_id, IntentKind.WITHDRAWAL)
    consume = await accepted_code(ports, caller, code)
    facts = await policy_facts(ports, caller.person, *intent.payee, intent.amount_minor)
    decision = decide_request(facts)
    await unless_refused(ports, caller, consume, intent, decision)
    return await _hold(ports, caller, consume, _withdrawal(ports, intent, facts, decision), decision)


def _withdrawal(ports: Ports, intent: Intent, facts: PolicyFacts, decision: Decision) -> Withdrawal:
    review = decision.verdict is Verdict.REVIEW
    asset, address = intent.payee
    return Withdrawal(
        id=intent.id,
        person=intent.person,
        state=PayoutState.REVIEW if review else PayoutState.QUEUED,
        asset=asset,
        address=address,
        amount_minor=intent.amount_minor,
        fee_minor=intent.fee_minor,
        coin_minor=intent.coin_minor,
        rate_minor=intent.rate_minor,
        quoted_until=facts.now + quote_time(ports),
        mac=intent.mac,
        decision=decision.model_dump(),
        limit_day=facts.day,
        not_before=decision.not_before,
    )


def quote_time(ports: Ports) -> timedelta:
    """How long a quote holds before its payout is batched."""
    return timedelta(seconds=ports.settings.withdrawal_quote_seconds)


async def _hold(
    ports: Ports, caller: Caller, consume: ChangeGuards, withdrawal: Withdrawal, decision: Decision
) -> Withdrawal:
    async def decide() -> Posting:
        return await _held(ports, caller, withdrawal, decision)

    receipt = await post_decided(ports, caller, consume, decide)
    stored = await ports.store.get(Withdrawal, withdrawal.id)
    if stored is None:
        raise Unavailable(f"withdrawal {receipt.key} was posted and cannot be read")
    return stored


async def _held(ports: Ports, caller: Caller, withdrawal: Withdrawal, decision: Decision) -> Posting:
    review = withdrawal.state is PayoutState.REVIEW
    took = await withdraw_from(ports, caller.person, withdrawal.total_minor, await ports.store.now())
    return Posting(
        f"withdrawal:{withdrawal.id}",
        "withdrawal_held",
        caller.name,
        entries=withdrawal_held(caller.person, withdrawal.total_minor),
        changes=(
            confirmed(withdrawal.id),
            unless_frozen(caller.person),
            unless_owing(caller.person),
            *took.changes,
            take_limit(ports, caller.person, Operation.PAYOUT, withdrawal.amount_minor, withdrawal.limit_day),
            Insert(withdrawal, stamp="created_at"),
        ),
        messages=(
            await _receipt(ports, withdrawal, decision),
            *(await _to_reviewers(ports, withdrawal) if review else ()),
        ),
        people=(caller.person,),
        facts={
            "intent": withdrawal.id,
            "verdict": decision.verdict,
            "asset": withdrawal.asset,
            "address": withdrawal.address,
        },
    )


async def _receipt(ports: Ports, withdrawal: Withdrawal, decision: Decision) -> Message:
    if withdrawal.state is PayoutState.REVIEW:
        return withdrawal_message(withdrawal, WithdrawalStep.REVIEW, decision.told)
    at = await queue_place(ports, withdrawal)
    return withdrawal_message(withdrawal, WithdrawalStep.QUEUED, decision.told, place=at.place, length=at.length)


async def _to_reviewers(ports: Ports, withdrawal: Withdrawal) -> tuple[Message, ...]:
    reviewers = await ports.store.find(Guards, {"role": (Role.FINANCE, Role.OWNER)})
    shown = withdrawal_message(withdrawal, WithdrawalStep.REVIEW).facts
    facts = {**shown, "person": withdrawal.person}
    return tuple(Message(reviewer.id, "review_waiting", facts) for reviewer in reviewers)
