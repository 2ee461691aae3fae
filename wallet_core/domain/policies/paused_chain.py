"""A paused chain lets requests queue; a closed one takes none.

One that is drained pays what it has taken: that it takes no more is the switchboard's affair.
"""

from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts
from wallet_core.domain.purchase import RailState


def paused_chain(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses on a closed chain; on a paused one approves, with the remark that it will wait."""
    if facts.rail is RailState.CLOSED:
        return Finding(Verdict.REFUSE, {"rail": facts.rail})
    return Finding(
        Verdict.APPROVE, {"rail": facts.rail} if facts.rail in (RailState.PAUSED, RailState.FINISHING) else {}
    )
