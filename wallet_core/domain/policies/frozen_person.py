"""A frozen person withdraws nothing."""

from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def frozen_person(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses while the person is frozen, by themselves or by an admin; ``frees_at`` None: until somebody ends it."""
    if facts.frozen_at is None:
        return Finding(Verdict.APPROVE)
    known = {"frozen_at": facts.frozen_at, "frozen_by": facts.frozen_by}
    return Finding(Verdict.REFUSE, {**known, "why": facts.frozen_reason, "frees_at": facts.frozen_until})
