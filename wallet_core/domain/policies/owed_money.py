"""Who owes us, or may soon, withdraws nothing."""

from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def owed_money(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses while a payment that was taken back left a debt, and while a card payment is disputed."""
    if facts.debt_minor:
        return Finding(Verdict.REFUSE, {"debt_minor": facts.debt_minor})
    if facts.disputes:
        return Finding(Verdict.REFUSE, {"disputes": facts.disputes})
    return Finding(Verdict.APPROVE)
