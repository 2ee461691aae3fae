"""Ask another owner to approve the caller's draft of the table of limits."""

from __future__ import annotations

from typing import Any

from wallet_core.domain.approval import Approval, ApprovalKind
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc import LevelVersion
from wallet_core.domain.level_table import LevelDraft, LevelTable, check_begun, differences, row_facts, whole
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approvals import approval_saying, asking
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.level_drafts import draft_of, newest_version


@use_case(Access.OWNER)
async def ask_levels(ports: Ports, caller: Caller, seen: str, code: str) -> Approval:
    """Asks the other owners, with the caller's own code; nothing counts before one of them approves.

    ``seen`` is the ``digest`` of the draft that was shown. Raises ``Refused``: NOT_FOUND without a draft, BAD_LEVEL
    while another table has not begun yet, CHANGED_MEANWHILE when the draft is not the one that was shown, says nothing
    new, or another table was stored since it was begun, LEVELS_UNSOUND, and the code's.
    """
    newest = await newest_version(ports)
    draft = await draft_of(ports, caller, newest)
    if draft is None:
        raise Refused(Reason.NOT_FOUND, what="draft")
    if draft.digest != seen:
        raise Refused(Reason.CHANGED_MEANWHILE, what=LevelDraft.collection)
    if draft.base != newest.number or not differences(whole(newest), draft.rows):
        raise Refused(Reason.CHANGED_MEANWHILE, what=LevelTable.collection)
    check_begun(newest, await ports.store.now())
    approval = await approval_saying(
        ports, caller, ApprovalKind.LEVEL_TABLE, str(newest.number + 1), _what(newest, draft)
    )
    await post_with_code(ports, caller, code, await asking(ports, approval))
    return approval


def _what(newest: LevelVersion, draft: LevelDraft) -> dict[str, Any]:
    """The whole new table, and for whoever reads it what it changes."""
    changes = [[row_facts(was), row_facts(row)] for was, row in differences(whole(newest), draft.rows)]
    rows = [row_facts(row) for row in draft.rows]
    return {"base": newest.number, "draft": draft.digest, "note": draft.note, "rows": rows, "changes": changes}
