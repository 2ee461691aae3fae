"""Show one question to the admins, as whoever looks may read it."""

from __future__ import annotations

from wallet_core.domain.approval import ApprovalState, approval_message
from wallet_core.domain.ledger import Message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import CARRIED, approval_of, check_asked, facts_of
from wallet_core.use_cases.gate import admit, use_case


@use_case(Access.FINANCE)
async def show_approval(ports: Ports, caller: Caller, approval_id: str, *, approves: bool = False) -> Message:
    """What the caller is told of it now, once its seals were looked at: no other figures may be approved.

    Raises ``Refused`` NOT_FOUND or NOT_ALLOWED; for who ``approves`` next NOT_LOOKED as well, see ``approve``; and
    ``InvariantViolated`` for what somebody changed in the database.
    """
    approval = await approval_of(ports, approval_id)
    if approval.asked_by != caller.person:
        await admit(ports, caller, CARRIED[approval.kind].approves)
    check_asked(ports, approval)
    await CARRIED[approval.kind].sealed(ports, approval)
    if approves and approval.state is ApprovalState.ASKED:
        await CARRIED[approval.kind].ready(ports, caller, approval)
    return approval_message(approval, caller.person, **await facts_of(ports, approval))
