"""Show what waits for another admin."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.people import Access, Caller, access_of
from wallet_core.ports import After, Ports
from wallet_core.use_cases.approvals import CARRIED
from wallet_core.use_cases.gate import admit, use_case


@use_case(Access.FINANCE)
async def show_approvals(ports: Ports, caller: Caller) -> list[Approval]:
    """What waits for another pair of eyes and is not over, the oldest first: what one may decide, and one's own."""
    reach = access_of((await admit(ports, caller, Access.FINANCE)).role)
    waiting = {"state": ApprovalState.ASKED, "expires_at": After(await ports.store.now())}
    found = await ports.store.find(Approval, waiting, order_by=("created_at", "_id"))
    return [one for one in found if reach >= CARRIED[one.kind].approves or one.asked_by == caller.person]
