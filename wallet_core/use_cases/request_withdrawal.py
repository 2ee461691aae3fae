"""Ask for a withdrawal: the policies decide, and what they do not refuse is held in the same posting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from wallet_core.domain.changes import Insert
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import InvariantViolated, Refused, Unavailable
from wallet_core.domain.guards import request_counted, unless_frozen
from wallet_core.domain.intent import Intent, IntentKind, confirmed
from wallet_core.domain.judged import judged
from wallet_core.domain.kyc import Operation
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.movements import withdrawal_held
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import Decision, PolicyFacts, Stage, Verdict, decide_request
from wallet_core.domain.receipts import WithdrawalStep, review_message, withdrawal_message
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import withdraw_from
from wallet_core.use_cases.codes import accepted_code, post_decided
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.limits import LimitsToday, limits_today
from wallet_core.use_cases.offered_payouts import offered_payout, refusal
from wallet_core.use_cases.policy_facts import Asked, request_facts
from wallet_core.use_cases.policy_sets import active_set
from wallet_core.use_cases.queue_place import queue_place
from wallet_core.use_cases.quote_withdrawal import refuse_by_policy
from wallet_core.use_cases.told_reviewers import told_reviewers


@use_case(Access.ENROLLED)
async def request_withdrawal(ports: Ports, caller: Caller, intent_id: str, code: str) -> Withdrawal:
    """Takes a code always. Holds the money and queues the payout, or puts it up for review.

    Raises ``AlreadyDone`` with the withdrawal when it was requested before, ``Refused(POLICY)`` with the finding, and
    ``Refused`` for the code, an expired offer, a freeze, a debt, a limit, the balance, young card money, or policies
    or levels that somebody changed in the database. Nothing is held then.
    """
    intent = await offered_payout(ports, caller, intent_id, IntentKind.WITHDRAWAL)
    request = WithdrawalRequest(ports, caller, intent)
    consume = await accepted_code(ports, caller, code)
    try:
        await post_decided(ports, caller, consume, request.decide)
    except (InvariantViolated, Refused):
        # Another device of the person may have been faster; what the rules find of its request contradicts nothing.
        await offered_payout(ports, caller, intent_id, IntentKind.WITHDRAWAL)
        raise
    return await request.outcome()


@dataclass(slots=True)
class WithdrawalRequest:
    """An offer on its way into the queue: decided on what is read now, and anew when that changes in between."""

    ports: Ports
    caller: Caller
    intent: Intent
    decision: Decision | None = None

    async def decide(self) -> Posting:
        """What is posted: the money held, or the refusal. Either keeps what the policies saw."""
        # Before the facts: what they count is of this day or of a later one, and on a later one nothing is taken of it.
        limits = await limits_today(self.ports)
        facts = await request_facts(self.ports, Asked.of(self.intent), limits)
        self.decision = decision = decide_request(facts, await active_set(self.ports))
        kept = judged(self.intent.id, Stage.REQUEST, facts, decision)
        if decision.verdict is Verdict.REFUSE:
            unchanged = request_counted(self.caller.person, facts.request_count, more=0)
            return refusal(self.caller, self.intent, decision, unchanged, kept)
        taken = limits.take(self.caller.person, Operation.PAYOUT, self.intent.amount_minor)
        counted = (request_counted(self.caller.person, facts.request_count), kept, taken)
        withdrawal = _withdrawal(self.ports, self.intent, facts, decision, limits)
        posting = await _held(self.ports, self.caller, withdrawal, decision, counted)
        new = (_new_address(withdrawal),) if facts.address_since is None else ()
        return replace(posting, messages=(*posting.messages, *new))

    async def outcome(self) -> Withdrawal:
        """The withdrawal, once it was posted. Raises ``Refused(POLICY)`` with the finding when it was refused."""
        if self.decision:
            refuse_by_policy(self.decision)
        stored = await self.ports.store.get(Withdrawal, self.intent.id)
        if stored is None:
            raise Unavailable(f"withdrawal {self.intent.id} was posted and cannot be read")
        return stored


def _new_address(withdrawal: Withdrawal) -> Message:
    facts = {"id": withdrawal.id, "asset": withdrawal.asset, "address": withdrawal.address}
    return Message(withdrawal.person, "new_address", {**facts, "not_before": withdrawal.not_before})


def _withdrawal(
    ports: Ports, intent: Intent, facts: PolicyFacts, decision: Decision, limits: LimitsToday
) -> Withdrawal:
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
        limit_day=limits.when.day,
        not_before=decision.not_before,
    )


def quote_time(ports: Ports) -> timedelta:
    """How long a quote holds before its payout is batched."""
    return timedelta(seconds=ports.settings.withdrawal_quote_seconds)


async def _held(
    ports: Ports, caller: Caller, withdrawal: Withdrawal, decision: Decision, counted: tuple[Change, ...]
) -> Posting:
    review = withdrawal.state is PayoutState.REVIEW
    took = await withdraw_from(ports, caller.person, withdrawal.total_minor, await ports.store.now())
    return Posting(
        f"withdrawal:{withdrawal.id}",
        "withdrawal_held",
        caller.name,
        entries=withdrawal_held(caller.person, withdrawal.total_minor),
        changes=(
            confirmed(withdrawal.id),
            WhileOpen(Doing.WITHDRAWAL, withdrawal.asset),
            unless_frozen(caller.person),
            unless_owing(caller.person),
            *counted,
            *took.changes,
            Insert(withdrawal, stamp="created_at"),
        ),
        messages=(
            await _receipt(ports, withdrawal, decision),
            *(await told_reviewers(ports, withdrawal) if review else ()),
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
        return review_message(withdrawal, decision)
    at = await queue_place(ports, withdrawal)
    return withdrawal_message(withdrawal, WithdrawalStep.QUEUED, decision.told, place=at.place, length=at.length)
