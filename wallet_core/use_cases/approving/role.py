"""A role: once another owner agrees, somebody has it, or has it no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller, Person, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.approving.carried import Carried, said
from wallet_core.use_cases.role_changes import guards_of, role_posting


def wanted_role(guards: Guards, role: Role | None) -> dict[str, Any]:
    """What an approval says of a change: void as soon as the role is changed by anybody."""
    return {"person": guards.id, "role": role, "before": guards.role, "number": guards.role_number + 1}


async def _give(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    wanted = said(approval)
    guards = await guards_of(ports, wanted["person"])
    role = Role(wanted["role"]) if wanted["role"] else None
    if wanted_role(guards, role) != wanted:
        raise Refused(Reason.CHANGED_MEANWHILE, what="role")
    posting = await role_posting(ports, caller.name, guards, role, asked_by=approval.asked_by)
    return replace(posting, facts={**posting.facts, "approval": approval.id})


async def _facts(ports: Ports, approval: Approval) -> Mapping[str, Any]:
    known = await ports.store.get(Person, approval.what["person"])
    return {"person_name": known.display_name if known else None}


ROLE: Final = Carried(asks=Access.OWNER, approves=Access.OWNER, approved=_give, facts=_facts, operator_may=True)
