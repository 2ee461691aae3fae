"""Try the caller's draft out on past requests: which of them would have come out differently?"""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.dry_runs import DryRun, dry_run_of
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.policy_drafts import drafted_set, open_draft
from wallet_core.use_cases.policy_sets import active_set


@use_case(Access.FINANCE)
async def dry_run_policies(ports: Ports, caller: Caller, start: datetime, end: datetime) -> DryRun:
    """Judges every request of the range anew, by the facts of then; without a draft, by the set that counts now.

    Raises ``Refused``: RANGE_TOO_LONG above ``LONGEST``, POLICIES_UNSOUND.
    """
    draft = await open_draft(ports, caller)
    policy_set, _entries = drafted_set(draft, await active_set(ports))
    return await dry_run_of(ports, policy_set, start, end, is_draft=draft is not None)
