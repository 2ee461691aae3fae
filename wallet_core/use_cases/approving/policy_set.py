"""A set of policies: once another owner agrees, it decides about every withdrawal."""

from __future__ import annotations

from typing import Any, Final

from wallet_core.domain.approval import Approval
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import PolicyEntry, PolicySet, check_set
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.policy_editing import differences, whole
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.approving.carried import Carried, said
from wallet_core.use_cases.policy_sets import active_set, switch_key


def wanted_set(active: PolicySet, draft: PolicyDraft) -> dict[str, Any]:
    """What an approval says of a draft: void as soon as another set is switched on. Raises ``InvariantViolated``."""
    new = PolicySet(id=active.id + 1, entries=draft.entries)
    check_set(new)
    entries = [entry.model_dump(mode="json") for entry in draft.entries]
    return {"number": new.id, "entries": entries, "note": draft.note, "changes": _changes(active, new)}


def _changes(active: PolicySet, new: PolicySet) -> list[dict[str, str]]:
    return [
        {"policy": one.policy, "what": one.what, "before": str(one.before), "after": str(one.after)}
        for one in differences(whole(active), whole(new))
    ]


def asked_set(approval: Approval) -> PolicySet:
    """The set that was asked for. Raises ``InvariantViolated`` when somebody changed what the approval says."""
    wanted = said(approval)
    entries = tuple(PolicyEntry.model_validate(entry) for entry in wanted["entries"])
    return PolicySet(id=wanted["number"], entries=entries, note=wanted["note"])


async def _switch(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    wanted, changes, active = asked_set(approval), approval.what["changes"], await active_set(ports)
    if active.id != wanted.id - 1:
        raise Refused(Reason.CHANGED_MEANWHILE, what=PolicySet.collection)
    new = await _sealed(ports, approval.asked_by, wanted)
    told = {"number": new.id, "by": approval.asked_by, "note": new.note, "changes": changes}
    owners = await admins_reaching(ports.store, ports.vault, Access.OWNER)
    return Posting(
        switch_key(new.id),
        "policies_switched",
        caller.name,
        changes=(Insert(new),),
        messages=tuple(Message(owner.id, "policies_switched", told) for owner in owners),
        facts={
            "number": new.id,
            "note": new.note,
            "changes": changes,
            "seal": new.mac,
            "approval": approval.id,
        },
    )


async def _sealed(ports: Ports, by: int, wanted: PolicySet) -> PolicySet:
    new = wanted.model_copy(update={"by": by, "at": await ports.store.now()})
    check_set(new)
    return new.model_copy(update={"mac": ports.vault.mac(new.terms())})


POLICY_SET: Final = Carried(asks=Access.OWNER, approves=Access.OWNER, approved=_switch, operator_may=True)
