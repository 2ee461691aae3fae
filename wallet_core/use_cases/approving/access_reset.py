"""A reset of somebody's second factor: once two admins have checked who asks, its wait begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from wallet_core.domain.access_reset import AccessReset, ResetState, reset_message, waiting
from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approving.carried import Carried, said
from wallet_core.use_cases.resets import reset_of

#: By what an admin knows the person.
DOCUMENTS: Final = "documents"
HISTORY: Final = "history"


def what_of(reset: AccessReset) -> dict[str, Any]:
    """What is asked for, in JSON's types."""
    return {
        "person": reset.person,
        "how": reset.checked_how,
        "level": reset.level,
        "balance": str(reset.balance_minor),
    }


async def check_checked(ports: Ports, reset: AccessReset) -> None:
    """Raises ``InvariantViolated`` for a reset that two admins never agreed on: it waits because somebody wrote so."""
    approval = await ports.store.get(Approval, reset.approval) if reset.approval else None
    by = approval.decided_by if approval else None
    if approval is None or by is None or by in (approval.asked_by, reset.person):
        raise InvariantViolated(f"no two admins checked reset {reset.id}")
    if approval.subject != reset.id or said(approval) != what_of(reset):
        raise InvariantViolated(f"something else was checked than reset {reset.id}")
    if not ports.vault.mac_fits(approval.decided_terms(by), approval.decided_mac):
        raise InvariantViolated(f"the approval of reset {reset.id} was changed")


async def _begin_wait(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    reset = await reset_of(ports, approval.subject)
    if reset.person == caller.person:
        raise Refused(Reason.NOT_ALLOWED)
    if reset.state is not ResetState.ASKED or said(approval) != what_of(reset) or reset.approval != approval.id:
        raise Refused(Reason.CHANGED_MEANWHILE, what=AccessReset.collection)
    wait = timedelta(seconds=ports.settings.reset_wait_seconds)
    begun = reset.model_copy(update={"state": ResetState.WAITING, "due_at": await ports.store.now() + wait})
    return Posting(
        f"reset_checked:{approval.id}",
        "reset_checked",
        caller.name,
        changes=(waiting(reset, wait),),
        messages=(reset_message(begun),),
        people=(reset.person,),
        facts={"reset": reset.id},
    )


async def _facts(ports: Ports, approval: Approval) -> Mapping[str, Any]:
    return {"reset": approval.what}


ACCESS_RESET: Final = Carried(asks=Access.FINANCE, approves=Access.FINANCE, approved=_begin_wait, facts=_facts)
