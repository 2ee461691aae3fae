"""The KYC level's daily limit of payouts, by count and by amount."""

from wallet_core.domain.kyc import Operation, Used, excess
from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def daily_limit(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses what the day's limit does not cover; the counter itself is taken with the money."""
    before, levels = Used(facts.day_count, facts.day_minor), facts.levels
    reason = excess(before, facts.amount_minor, levels.limit(facts.level, Operation.PAYOUT))
    if reason is None:
        return Finding(Verdict.APPROVE)
    numbers = levels.facts(facts.level, Operation.PAYOUT, before, facts.day_ends_at)
    return Finding(Verdict.REFUSE, {**numbers, "reason": reason})
