"""Show the policies that count now, and what the caller's draft would change."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import PolicySet
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.policy_editing import Difference, Entries, differences, whole
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.policy_drafts import open_draft
from wallet_core.use_cases.policy_sets import active_set


@dataclass(frozen=True, slots=True)
class PoliciesNow:
    """The set that counts with all its entries; the caller's draft, and what it would change."""

    active: PolicySet
    entries: Entries
    draft: PolicyDraft | None
    changes: tuple[Difference, ...]


@use_case(Access.FINANCE)
async def show_policies(ports: Ports, caller: Caller) -> PoliciesNow:
    """What counts now. Raises ``Refused(POLICIES_UNSOUND)``."""
    active = await active_set(ports)
    entries, draft = whole(active), await open_draft(ports, caller)
    return PoliciesNow(active, entries, draft, differences(entries, draft.entries) if draft else ())
