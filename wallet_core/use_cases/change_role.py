"""Give somebody a role, or take it away: one owner asks, another one agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from wallet_core.domain.approval import Approval, ApprovalKind
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import OWNERS, Access, Caller, Role
from wallet_core.domain.record import Document
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.approvals import approval_saying, asking
from wallet_core.use_cases.approving.role import wanted_role
from wallet_core.use_cases.codes import accepted_code, post_decided, post_with_code
from wallet_core.use_cases.gate import if_allowed, use_case
from wallet_core.use_cases.role_changes import guards_of, role_posting


@use_case(Access.OWNER)
async def change_role(ports: Ports, caller: Caller, person: int, role: Role | None, code: str) -> Approval | None:
    """Asks the other owners, with the owner's own code; None where it was done at once.

    One's own role is laid down without asking anybody, and never raised: whoever wants less needs no second pair of
    eyes. The last owner keeps it, or nobody could ever decide anything again; so does one of two who lay it down at
    once. Raises ``AlreadyDone`` when it is so already, and ``Refused``: NOT_FOUND for somebody who has not enrolled,
    LAST_OWNER, or what is wrong with the code.
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
    # What cannot be carried out anyhow costs no code.
    await _another_owner(ports, caller)
    consume = await accepted_code(ports, caller, code)

    async def decide() -> Posting:
        stays = _stays_owner(ports, await _another_owner(ports, caller))
        posting = await role_posting(ports, caller.name, guards, role)
        own = if_allowed(ports, caller.person, Access.OWNER)
        return replace(posting, changes=(own, stays, *posting.changes))

    await post_decided(ports, caller, consume, decide)


async def _another_owner(ports: Ports, caller: Caller) -> int:
    """Somebody who stays an owner. Raises ``Refused(LAST_OWNER)``."""
    owners = await admins_reaching(ports.store, ports.vault, Access.OWNER)
    others = [owner.id for owner in owners if owner.enrolled and owner.id != caller.person]
    if not others:
        raise Refused(Reason.LAST_OWNER)
    return others[0]


def _stays_owner(ports: Ports, owner: int) -> ChangeGuards:
    """Refuses with CHANGED_MEANWHILE when the other owner is none any more.

    It writes their guards: of two who lay their roles down at once, each relying on the other, one is decided again.
    """
    still = if_allowed(ports, owner, Access.OWNER)

    def check(found: Guards, now: datetime) -> Document:
        try:
            return still.change(found, now)
        except Refused as refused:
            raise Refused(Reason.CHANGED_MEANWHILE, what=OWNERS) from refused

    return ChangeGuards(owner, check)
