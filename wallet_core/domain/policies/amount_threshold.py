"""Large withdrawals are looked at by a person."""

from pydantic import Field

from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


class AmountThreshold(Parameters):
    """ITD minor units above which an admin looks."""

    review_above_minor: int = Field(default=200_000_000, ge=0)


def amount_threshold(facts: PolicyFacts, parameters: AmountThreshold) -> Finding:
    """Sends amounts above the threshold to review."""
    above_minor = parameters.review_above_minor
    if facts.amount_minor <= above_minor:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REVIEW, {"amount_minor": facts.amount_minor, "review_above_minor": above_minor})
