"""A second factor that was enrolled just now may be a thief's: payouts wait until it is old enough."""

from datetime import timedelta
from typing import Final

from pydantic import Field

from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts

#: The longest wait that can be set, here and in the settings.
LONGEST_FACTOR_WAIT_SECONDS: Final = 30 * 86_400


class TwoFactorAge(Parameters):
    """How old the second factor must be before anything is paid, in seconds."""

    wait_seconds: int = Field(default=86_400, ge=0, le=LONGEST_FACTOR_WAIT_SECONDS)


def two_factor_age(facts: PolicyFacts, parameters: TwoFactorAge) -> Finding:
    """Approves, but lets the payout wait in the queue until the second factor is old enough."""
    if facts.enrolled_at is None:
        return Finding(Verdict.APPROVE)
    opens_at = facts.enrolled_at + timedelta(seconds=parameters.wait_seconds)
    if facts.now >= opens_at:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.APPROVE, {"frees_at": opens_at}, not_before=opens_at)
