"""Refuse what another admin asked for."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.decisions import decide_approval
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def refuse_approval(ports: Ports, caller: Caller, approval_id: str, code: str) -> Approval:
    """Nothing comes of it. With the caller's own code; errors as ``approve`` has them."""
    return await decide_approval(ports, caller, approval_id, code, ApprovalState.REFUSED)
