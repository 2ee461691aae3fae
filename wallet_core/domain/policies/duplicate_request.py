"""The same amount to the same address again, shortly after, may be a mistake."""

from datetime import timedelta
from typing import Final

from pydantic import Field

from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts

#: The longest time that can be set, here and in the settings: that far back requests are looked at.
LONGEST_WITHIN_SECONDS: Final = 7 * 86_400


class DuplicateRequest(Parameters):
    """For how long the same request again is looked at, in seconds."""

    within_seconds: int = Field(default=600, ge=0, le=LONGEST_WITHIN_SECONDS)


def duplicate_request(facts: PolicyFacts, parameters: DuplicateRequest) -> Finding:
    """Sends to review what was asked for in the same way within this time, coin, address and amount alike."""
    same = [request.at for request in facts.requests if request.is_same]
    frees_at = max(same) + timedelta(seconds=parameters.within_seconds) if same else facts.now
    if facts.now >= frees_at:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REVIEW, {"earlier_at": max(same), "frees_at": frees_at})
