"""Show what waits for another admin."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import After, Ports
from wallet_core.use_cases.gate import use_case


@use_case(Access.FINANCE)
async def show_approvals(ports: Ports, caller: Caller) -> list[Approval]:
    """What waits for another pair of eyes and is not over, the oldest first; one's own among them."""
    waiting = {"state": ApprovalState.ASKED, "expires_at": After(await ports.store.now())}
    return await ports.store.find(Approval, waiting, order_by=("created_at", "_id"))
