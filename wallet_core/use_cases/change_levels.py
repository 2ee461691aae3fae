"""Change the draft of the next table of limits by what an owner types. Nothing counts before another one approves."""

from __future__ import annotations

from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc import BUILT_IN_LEVELS
from wallet_core.domain.level_table import BUILT_IN, LevelDraft, Rows, edited, whole
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.level_drafts import begun_draft, keep_draft
from wallet_core.use_cases.level_tables import stored_table

_NOTE: Final = "note"
_FROM: Final = "from"
_NOTE_LENGTH: Final = 200


@use_case(Access.OWNER)
async def change_levels(ports: Ports, caller: Caller, text: str) -> LevelDraft:
    """One change: ``2 payout 12 3000`` (see ``level_table.edited``), ``note`` and why, or ``from`` and a number.

    Raises ``Refused``: BAD_LEVEL with what may be written, NOT_FOUND for a table that there never was, LEVELS_UNSOUND.
    """
    words = text.split()
    draft = await begun_draft(ports, caller)
    if words[:1] == [_NOTE]:
        changed = draft.model_copy(update={"note": " ".join(words[1:])[:_NOTE_LENGTH]})
    elif words[:1] == [_FROM] and len(words) == 2:
        changed = draft.model_copy(update={"rows": await _earlier(ports, words[1])})
    else:
        changed = draft.model_copy(update={"rows": edited(draft.rows, words)})
    return await keep_draft(ports, changed)


async def _earlier(ports: Ports, text: str) -> Rows:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1
    if number == BUILT_IN:
        return whole(BUILT_IN_LEVELS.versions[0])
    if number < 0:
        raise Refused(Reason.NOT_FOUND, what="level table")
    return whole((await stored_table(ports, number)).version())
