"""An address that the person never used before waits, so that they can still cancel what a thief asked for."""

from datetime import timedelta
from typing import Final

from pydantic import Field

from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts

#: The longest wait that can be set, here and in the settings.
LONGEST_ADDRESS_WAIT_SECONDS: Final = 30 * 86_400


class NewAddress(Parameters):
    """How long the first payout to an address waits, in seconds."""

    wait_seconds: int = Field(default=86_400, ge=0, le=LONGEST_ADDRESS_WAIT_SECONDS)


def new_address(facts: PolicyFacts, parameters: NewAddress) -> Finding:
    """Approves, but lets the payout wait in the queue until the address is old enough."""
    opens_at = (facts.address_since or facts.now) + timedelta(seconds=parameters.wait_seconds)
    if facts.now >= opens_at:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.APPROVE, {"frees_at": opens_at}, not_before=opens_at)
