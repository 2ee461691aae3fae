"""Approve what another admin asked for."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.decisions import decide_approval
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def approve(ports: Ports, caller: Caller, approval_id: str, code: str) -> Approval:
    """Carries out what was asked, with the caller's own code, exactly as it was asked: for a mass send, starts it.

    Raises ``AlreadyDone`` with the approval when it was decided before, and ``Refused``: NOT_FOUND, NOT_ALLOWED for
    whoever asked and for a role that does not reach so far, EXPIRED, NOT_LOOKED for a mass send whose lines the caller
    has not opened (``look_at_mass_lines``), CHANGED_MEANWHILE when something in it is not what was asked any more,
    FROZEN or NOT_ALLOWED when whoever asked is so by now, what carrying it out demands (for a mass send as
    ``start_mass_send``), or what is wrong with the code.
    """
    return await decide_approval(ports, caller, approval_id, code, ApprovalState.APPROVED)
