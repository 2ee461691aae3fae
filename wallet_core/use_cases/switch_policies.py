"""Ask another owner to agree to the caller's draft: from then on it decides about every withdrawal."""

from __future__ import annotations

from wallet_core.domain.approval import Approval, ApprovalKind
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies.policy_set import PolicyDraft
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import approval_saying, asking
from wallet_core.use_cases.approving.policy_set import wanted_set
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.policy_drafts import draft_of
from wallet_core.use_cases.policy_sets import active_set


@use_case(Access.OWNER)
async def switch_policies(ports: Ports, caller: Caller, seen: str, code: str) -> Approval:
    """Asks for the draft to become the next set, with the owner's own code; another owner switches it on.

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
    what = wanted_set(active, draft)
    asked = await approval_saying(ports, caller, ApprovalKind.POLICY_SET, str(what["number"]), what)
    await post_with_code(ports, caller, code, await asking(ports, asked))
    return asked
