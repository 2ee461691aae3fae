"""The programmed policies that every withdrawal passes: small pure functions, each with a name and a version.

To add one: write a file beside this one with one function ``(PolicyFacts) -> Finding``, and add one line to
``POLICIES``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wallet_core.domain.policies.amount_threshold import amount_threshold
from wallet_core.domain.policies.daily_limit import daily_limit
from wallet_core.domain.policies.decision import Decision, Finding, PolicyFacts, Traced, Verdict
from wallet_core.domain.policies.frozen_person import frozen_person
from wallet_core.domain.policies.new_address import new_address
from wallet_core.domain.policies.owed_money import owed_money
from wallet_core.domain.policies.paused_chain import paused_chain
from wallet_core.domain.policies.recovery_wait import recovery_wait

Policy = Callable[[PolicyFacts], Finding]

#: Name, version and rule, in the order in which a person is told of them.
POLICIES: Final[tuple[tuple[str, int, Policy], ...]] = (
    ("frozen_person", 1, frozen_person),
    ("owed_money", 1, owed_money),
    ("recovery_wait", 1, recovery_wait),
    ("paused_chain", 1, paused_chain),
    ("daily_limit", 1, daily_limit),
    ("amount_threshold", 1, amount_threshold),
    ("new_address", 1, new_address),
)
#: What counts again when the batch is formed. Limits were taken by the request and are not taken a second time.
_REQUEST_ONLY: Final = frozenset({"daily_limit", "amount_threshold"})
#: What counts for a refund, at its request and when it is batched: an admin decided its amount, and no ITD leaves.
_FOR_REFUNDS: Final = frozenset({"frozen_person", "owed_money", "recovery_wait", "paused_chain", "new_address"})


def decide_request(facts: PolicyFacts) -> Decision:
    """What becomes of a request: the strictest verdict of all policies, with the whole trace."""
    return Decision(trace=tuple(Traced.of(name, version, rule(facts)) for name, version, rule in POLICIES))


def decide_batching(facts: PolicyFacts) -> Decision:
    """Whether a queued payout may be batched now: the same policies without those that the request settled."""
    again = (policy for policy in POLICIES if policy[0] not in _REQUEST_ONLY)
    return Decision(trace=tuple(Traced.of(name, version, rule(facts)) for name, version, rule in again))


def decide_refund(facts: PolicyFacts) -> Decision:
    """What becomes of a refund, when it is asked for and when it is batched."""
    those = (policy for policy in POLICIES if policy[0] in _FOR_REFUNDS)
    return Decision(trace=tuple(Traced.of(name, version, rule(facts)) for name, version, rule in those))


__all__ = [
    "POLICIES",
    "Decision",
    "Finding",
    "PolicyFacts",
    "Verdict",
    "decide_batching",
    "decide_refund",
    "decide_request",
]
