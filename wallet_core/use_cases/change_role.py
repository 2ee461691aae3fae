"""Give somebody a role, or take it away: one owner asks, another one agrees."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalKind
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Access, Caller, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.approvals import approval_saying, asking
from wallet_core.use_cases.approving.role import wanted_role
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import if_allowed, use_case
from wallet_core.use_cases.role_changes import guards_of, role_posting, with_guard


@use_case(Access.OWNER)
async def change_role(ports: Ports, caller: Caller, person: int, role: Role | None, code: str) -> Approval | None:
    """Asks the other owners, with the owner's own code; None where it was done at once.

    One's own role is laid down without asking anybody, and never raised: whoever wants less needs no second pair of
    eyes. The last owner keeps it, or nobody could ever decide anything again. Raises ``AlreadyDone`` when it is so
    already, and ``Refused``: NOT_FOUND for somebody who has not enrolled, LAST_OWNER, or what is wrong with the code.
    """
    guards = await guards_of(ports, person)
    if not guards.enrolled:
        raise Refused(Reason.NOT_FOUND, what="person")
    if guards.role is role:
        raise AlreadyDone(None)
    if person == caller.person:
        await _lay_down(ports, caller, guards, role, code)
        return None
    asked = await approval_saying(ports, caller, ApprovalKind.ROLE, str(person), wanted_role(guards, role))
    await post_with_code(ports, caller, code, await asking(ports, asked))
    return asked


async def _lay_down(ports: Ports, caller: Caller, guards: Guards, role: Role | None, code: str) -> None:
    owners = [owner.id for owner in await admins_reaching(ports.store, ports.vault, Access.OWNER) if owner.enrolled]
    if owners == [caller.person]:
        raise Refused(Reason.LAST_OWNER)
    posting = await role_posting(ports, caller.name, guards, role)
    await post_with_code(ports, caller, code, with_guard(posting, if_allowed(ports, caller.person, Access.OWNER)))
