"""Switch the caller's draft on: from then on it decides about every withdrawal."""

from __future__ import annotations

from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import Guards, if_allowed
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller, Role
from wallet_core.domain.policies import PolicySet, check_set
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.policy_editing import differences, whole
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.policy_drafts import draft_of
from wallet_core.use_cases.policy_sets import active_set, switch_key


@use_case(Access.OWNER)
async def switch_policies(ports: Ports, caller: Caller, seen: str, code: str) -> PolicySet:
    """Stores the draft as the next set, sealed, with the owner's own code, and tells all owners.

    ``seen`` is the ``mark`` of the draft that was shown. Raises ``Refused``: NOT_FOUND without a draft,
    CHANGED_MEANWHILE when it is not the one that was shown or another set was switched on since it was begun,
    POLICIES_UNSOUND, and the code's.
    """
    draft = await draft_of(ports, caller)
    if draft is None:
        raise Refused(Reason.NOT_FOUND, what="draft")
    active = await active_set(ports)
    if draft.mark != seen or draft.base != active.id:
        raise Refused(Reason.CHANGED_MEANWHILE, what=PolicyDraft.collection)
    new = await _sealed(ports, caller, draft)
    try:
        await post_with_code(ports, caller, code, await _posting(ports, caller, active, new))
    except InvariantViolated:
        # The key is the set's number: somebody who was faster has it.
        if (await active_set(ports)).id == active.id:
            raise
        raise Refused(Reason.CHANGED_MEANWHILE, what=PolicySet.collection) from None
    await ports.store.remove(PolicyDraft, caller.person)
    return new


async def _sealed(ports: Ports, caller: Caller, draft: PolicyDraft) -> PolicySet:
    now = await ports.store.now()
    new = PolicySet(id=draft.base + 1, entries=draft.entries, by=caller.person, at=now, note=draft.note)
    check_set(new)
    return new.model_copy(update={"mac": ports.vault.mac(new.terms())})


async def _posting(ports: Ports, caller: Caller, active: PolicySet, new: PolicySet) -> Posting:
    changes = [
        {"policy": one.policy, "what": one.what, "before": str(one.before), "after": str(one.after)}
        for one in differences(whole(active), whole(new))
    ]
    facts = {"number": new.id, "note": new.note, "changes": changes, "seal": new.mac}
    owners = await ports.store.find(Guards, {"role": Role.OWNER})
    told = {"number": new.id, "by": caller.person, "note": new.note, "changes": changes}
    return Posting(
        switch_key(new.id),
        "policies_switched",
        caller.name,
        changes=(if_allowed(caller.person, Access.OWNER), Insert(new)),
        messages=tuple(Message(owner.id, "policies_switched", told) for owner in owners),
        people=(caller.person,),
        facts=facts,
    )
