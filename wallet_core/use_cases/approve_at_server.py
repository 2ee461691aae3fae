"""Answer what an admin asked for, on the server's own command line."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalState
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import OPERATOR, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import CARRIED, approval_of
from wallet_core.use_cases.decisions import answering, second_look, waiting
from wallet_core.use_cases.gate import operator_only


@operator_only
async def approve_at_server(ports: Ports, approval_id: str, approve: bool = True) -> Approval:
    """The second pair of eyes where there is no second owner; it never moves money.

    Raises ``AlreadyDone`` with the approval when it was decided before, and ``Refused`` as ``approve`` does, with
    NOT_ALLOWED for a kind that only an admin may answer.
    """
    caller = Caller(OPERATOR)
    approval = await waiting(ports, caller, approval_id)
    if not CARRIED[approval.kind].operator_may:
        raise Refused(Reason.NOT_ALLOWED)
    to = ApprovalState.APPROVED if approve else ApprovalState.REFUSED

    async def decide() -> Posting:
        return await answering(ports, caller, approval, to)

    async with second_look(decide):
        await ports.ledger.post(await decide())
    return await approval_of(ports, approval_id)
