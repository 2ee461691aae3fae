"""A draft of the next set of policies, one an admin, sealed: what is switched on is what its admin typed."""

from __future__ import annotations

from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.people import Caller
from wallet_core.domain.policies import PolicySet
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.domain.policy_editing import Entries, whole
from wallet_core.ports import Ports
from wallet_core.use_cases.policy_sets import active_set


async def draft_of(ports: Ports, caller: Caller) -> PolicyDraft | None:
    """The caller's own draft. Raises ``InvariantViolated`` when somebody wrote into it."""
    draft = await ports.store.get(PolicyDraft, caller.person)
    if draft and not ports.vault.mac_fits(draft.terms(), draft.mac):
        raise InvariantViolated(f"the draft of policies of {caller.name} was changed in the database")
    return draft


async def open_draft(ports: Ports, caller: Caller) -> PolicyDraft | None:
    """The same, unless it was switched on: then it is none any more, whichever sets came after it."""
    draft = await draft_of(ports, caller)
    # What is asked for of a draft is the set after the one that it began with, or nothing.
    became = await ports.store.get(PolicySet, draft.base + 1) if draft else None
    return None if draft and became and became.entries == draft.entries else draft


async def begun_draft(ports: Ports, caller: Caller) -> PolicyDraft:
    """The caller's draft, or a new one of the set that counts now."""
    draft, active = await open_draft(ports, caller), await active_set(ports)
    return draft or PolicyDraft(id=caller.person, base=active.id, entries=whole(active))


async def keep_draft(ports: Ports, draft: PolicyDraft) -> PolicyDraft:
    """Stores a draft with its seal."""
    sealed = draft.model_copy(update={"mac": ports.vault.mac(draft.terms())})
    await ports.store.put(sealed)
    return sealed


def drafted_set(draft: PolicyDraft | None, active: PolicySet) -> tuple[PolicySet, Entries]:
    """The set that a draft would become, and all its entries; without a draft what counts now."""
    if draft is None:
        return active, whole(active)
    return PolicySet(id=active.id + 1, entries=draft.entries), draft.entries
