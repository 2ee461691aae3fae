"""What a young account withdraws is looked at sooner: stolen money is moved on within days."""

from datetime import timedelta
from typing import Final

from pydantic import Field

from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts

#: The longest time that can be set, here and in the settings.
LONGEST_YOUNG_SECONDS: Final = 365 * 86_400


class AccountAge(Parameters):
    """For how many seconds an account is young, and above how many ITD minor units an admin looks until then."""

    young_seconds: int = Field(default=7 * 86_400, ge=0, le=LONGEST_YOUNG_SECONDS)
    review_above_minor: int = Field(default=100_000_000, ge=0)


def account_age(facts: PolicyFacts, parameters: AccountAge) -> Finding:
    """Sends amounts above a smaller threshold to review while the account is young."""
    if facts.member_since is None or facts.amount_minor <= parameters.review_above_minor:
        return Finding(Verdict.APPROVE)
    old_at = facts.member_since + timedelta(seconds=parameters.young_seconds)
    if facts.now >= old_at:
        return Finding(Verdict.APPROVE)
    numbers = {"amount_minor": facts.amount_minor, "review_above_minor": parameters.review_above_minor}
    return Finding(Verdict.REVIEW, {**numbers, "frees_at": old_at})
