"""Money that was paid by card may be claimed back for a while, and is not withdrawn until then."""

from wallet_core.domain.card_lots import withdrawing
from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.policies.decision import Finding, NoParameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


def card_money(facts: PolicyFacts, _parameters: NoParameters) -> Finding:
    """Refuses what the mature money does not cover, and says when it will; the posting's own guard is what holds."""
    guards = Guards(id=facts.person, card_lots=facts.card_lots)
    try:
        withdrawing(guards, facts.available_minor, facts.total_minor, facts.now)
    except Refused as young:
        numbers = {name: young.facts[name] for name in ("young_minor", "mature_minor")}
        return Finding(Verdict.REFUSE, {**numbers, "frees_at": young.facts["matures_at"]})
    return Finding(Verdict.APPROVE)
