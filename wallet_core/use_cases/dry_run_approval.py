"""Try out, on past requests, the set of policies that another owner asks the caller to agree to."""

from __future__ import annotations

from datetime import datetime

from wallet_core.domain.approval import Approval, ApprovalKind
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import approval_of, check_asked
from wallet_core.use_cases.approving.policy_set import asked_set
from wallet_core.use_cases.dry_runs import DryRun, dry_run_of
from wallet_core.use_cases.gate import use_case


@use_case(Access.OWNER)
async def dry_run_approval(ports: Ports, caller: Caller, approval_id: str, start: datetime, end: datetime) -> DryRun:
    """Judges every request of the range anew by exactly what was asked for, not by anybody's draft.

    Raises ``Refused``: NOT_FOUND for what is no question about policies, RANGE_TOO_LONG; ``InvariantViolated`` for what
    somebody changed in the database.
    """
    approval = await approval_of(ports, approval_id)
    if approval.kind is not ApprovalKind.POLICY_SET:
        raise Refused(Reason.NOT_FOUND, what=Approval.collection)
    check_asked(ports, approval)
    return await dry_run_of(ports, asked_set(approval), start, end)
