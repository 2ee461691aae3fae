"""Nothing is paid to an address that an admin put on the screening list."""

from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def address_screening(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses an address on the list. The reason is for admins; a person reads only that the address is not paid."""
    if facts.screened is None:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REFUSE, {"why": facts.screened})
