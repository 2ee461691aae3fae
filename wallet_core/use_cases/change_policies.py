"""Change the draft of the next set of policies by what an owner types. Nothing counts before it is switched on."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import PolicySet
from wallet_core.domain.policies.policy_set import BUILT_IN, PolicyDraft
from wallet_core.domain.policy_editing import edited, whole
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.policy_drafts import begun_draft, keep_draft
from wallet_core.use_cases.policy_sets import built_in_set, sound_set

_NOTE: Final = "note"
_FROM: Final = "from"
_NOTE_LENGTH: Final = 200


@use_case(Access.OWNER)
async def change_policies(ports: Ports, caller: Caller, text: str) -> PolicyDraft:
    """One change: of a policy (see ``policy_editing``), ``note`` and why, or ``from`` and an earlier set's number.

    Raises ``Refused``: BAD_POLICY with what there is instead, NOT_FOUND for a set that there never was,
    POLICIES_UNSOUND.
    """
    words = text.split()
    draft = await begun_draft(ports, caller)
    if words[:1] == [_NOTE]:
        changed = draft.model_copy(update={"note": " ".join(words[1:])[:_NOTE_LENGTH]})
    elif words[:1] == [_FROM] and len(words) == 2:
        changed = draft.model_copy(update={"entries": whole(await _earlier(ports, words[1]))})
    else:
        changed = draft.model_copy(update={"entries": edited(draft.entries, words)})
    return await keep_draft(ports, changed)


async def _earlier(ports: Ports, text: str) -> PolicySet:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1
    if number == BUILT_IN:
        return built_in_set(ports.settings)
    stored = await ports.store.get(PolicySet, number)
    if stored is None:
        raise Refused(Reason.NOT_FOUND, what="policy set")
    return await sound_set(ports, stored)
