"""Who takes a large part of the hot wallet at once is looked at: a mistake there stops everybody's payouts."""

from pydantic import Field

from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


class HotWalletShare(Parameters):
    """The largest part of the hot wallet that is paid without a look, in percent; 0 switches the rule off."""

    share_percent: int = Field(default=50, ge=0, le=100)


def hot_wallet_share(facts: PolicyFacts, parameters: HotWalletShare) -> Finding:
    """Sends to review what takes more than this part. An empty hot wallet is filled by people anyway."""
    allowed_minor = facts.hot_minor * parameters.share_percent // 100
    if allowed_minor <= 0 or facts.coin_minor <= allowed_minor:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REVIEW, {"coin_minor": facts.coin_minor, "hot_minor": facts.hot_minor})
