"""After a recovery code enrolled a new device, withdrawals wait, so that its thief cannot take coins out."""

from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def recovery_wait(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses until the wait is over, and says when that is."""
    opens_at = facts.withdrawals_from
    if opens_at is None or facts.now >= opens_at:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REFUSE, {"frees_at": opens_at})
