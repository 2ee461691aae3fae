"""Who owes us, or may soon, withdraws nothing."""

from wallet_core.domain.policies.decision import Finding, PolicyFacts, Verdict


def owed_money(facts: PolicyFacts) -> Finding:
    """Refuses while a payment that was taken back left a debt, and while a card payment is disputed."""
    if facts.guards.debt_minor:
        return Finding(Verdict.REFUSE, {"debt_minor": facts.guards.debt_minor})
    if facts.guards.disputes:
        return Finding(Verdict.REFUSE, {"disputes": len(facts.guards.disputes)})
    return Finding(Verdict.APPROVE)
