"""A frozen person withdraws nothing."""

from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def frozen_person(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses while the person is frozen, by themselves or by an admin."""
    if facts.frozen_at is None:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REFUSE, {"frozen_at": facts.frozen_at, "frozen_by": facts.frozen_by})
