"""A frozen person withdraws nothing."""

from wallet_core.domain.policies.decision import Finding, PolicyFacts, Verdict


def frozen_person(facts: PolicyFacts) -> Finding:
    """Refuses while the person is frozen, by themselves or by an admin."""
    if facts.guards.frozen_at is None:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REFUSE, {"frozen_at": facts.guards.frozen_at, "frozen_by": facts.guards.frozen_by})
