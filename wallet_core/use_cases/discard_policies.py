"""Throw the draft of the next set of policies away."""

from __future__ import annotations

from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.OWNER)
async def discard_policies(ports: Ports, caller: Caller) -> None:
    """Forgets the caller's own draft, also one that somebody wrote into; what counts now stays as it is."""
    await ports.store.remove(PolicyDraft, caller.person)
