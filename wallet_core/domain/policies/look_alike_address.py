"""An address that looks like one that the person knows may be a poisoner's, sent to be copied from a history.

Wallets show the first and the last characters, and somebody makes an address with the same ones and sends dust from it.
"""

from pydantic import Field

from wallet_core.domain.policies.decision import Finding, Parameters, Verdict
from wallet_core.domain.policies.facts import PolicyFacts


class LookAlikeAddress(Parameters):
    """How many characters at both ends make two addresses look alike; of four, 4,000 million share none by chance."""

    characters: int = Field(default=4, ge=2, le=20)


def look_alike_address(facts: PolicyFacts, parameters: LookAlikeAddress) -> Finding:
    """Sends to review an address that was never used, and that begins and ends like one that was.

    One whose first request still waits for its review was not used: asking twice is no way around the reviewer.
    """
    was_used = facts.address_since is not None and not facts.address_in_review
    if was_used or facts.similar_characters < parameters.characters:
        return Finding(Verdict.APPROVE)
    return Finding(Verdict.REVIEW, {"address": facts.address, "similar_address": facts.similar_address})
