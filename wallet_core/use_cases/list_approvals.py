"""List what waits for a second pair of eyes, for an operator."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.ports import After, Ports
from wallet_core.use_cases.gate import operator_only


@operator_only
async def list_approvals(ports: Ports) -> list[Approval]:
    """What was asked and is not over, the oldest first."""
    waiting = {"state": ApprovalState.ASKED, "expires_at": After(await ports.store.now())}
    return await ports.store.find(Approval, waiting, order_by=("created_at", "_id"))
