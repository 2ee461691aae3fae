"""Large withdrawals are looked at by a person."""

from wallet_core.domain.policies.decision import Finding, PolicyFacts, Verdict


def amount_threshold(facts: PolicyFacts) -> Finding:
    """Sends amounts above the threshold to review."""
    if facts.amount_minor <= facts.review_above_minor:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REVIEW, {"amount_minor": facts.amount_minor, "review_above_minor": facts.review_above_minor})
