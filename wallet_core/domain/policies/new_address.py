"""An address that the person never used before waits, so that they can still cancel what a thief asked for."""

from datetime import timedelta

from wallet_core.domain.policies.decision import Finding, PolicyFacts, Verdict


def new_address(facts: PolicyFacts) -> Finding:
    """Approves, but lets the payout wait in the queue until the address is old enough."""
    opens_at = (facts.address_since or facts.now) + timedelta(seconds=facts.new_address_wait_seconds)
    if facts.now >= opens_at:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.APPROVE, {"frees_at": opens_at}, not_before=opens_at)
