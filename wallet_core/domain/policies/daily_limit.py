"""The KYC level's daily limit of payouts, by count and by amount."""

from wallet_core.domain.kyc import LEVELS, Operation, excess, limit_facts, used
from wallet_core.domain.policies.decision import Finding, PolicyFacts, Verdict


def daily_limit(facts: PolicyFacts) -> Finding:
    """Refuses what the day's limit does not cover; the counter itself is taken with the money."""
    before = used(facts.guards, Operation.PAYOUT, facts.day)
    reason = excess(before, facts.amount_minor, LEVELS[facts.guards.level][Operation.PAYOUT])
    if reason is None:
        return Finding(Verdict.APPROVE)
    numbers = limit_facts(facts.guards, Operation.PAYOUT, before, facts.day_ends_at)
    return Finding(Verdict.REFUSE, {**numbers, "reason": reason})
