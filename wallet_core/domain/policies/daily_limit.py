"""The KYC level's daily limit of payouts, by count and by amount."""

from wallet_core.domain.kyc import LEVELS, Operation, Used, excess, limit_facts
from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def daily_limit(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses what the day's limit does not cover; the counter itself is taken with the money."""
    before = Used(facts.day_count, facts.day_minor)
    reason = excess(before, facts.amount_minor, LEVELS[facts.level][Operation.PAYOUT])
    if reason is None:
        return Finding(Verdict.APPROVE)
    numbers = limit_facts(facts.level, Operation.PAYOUT, before, facts.day_ends_at)
    return Finding(Verdict.REFUSE, {**numbers, "reason": reason})
