"""Another table of limits, as the owner who approves it reads it: everything that it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from bot.views.approving.prompt import Facts, Prompt
from bot.views.level_tables import change_line
from bot.views.words import Words
from wallet_core.domain.level_table import LevelRow


def _what(facts: Facts) -> dict[str, Any]:
    return facts.get("what") or {}


def _heading(_: Words, facts: Facts) -> str:
    return _("Another table of limits needs a second owner: number {number}", number=facts["subject"])


def _lines(_: Words, facts: Facts) -> Iterable[str]:
    what = _what(facts)
    changes = [change_line(_, _row(was), _row(row)) for was, row in what.get("changes") or ()]
    note = [_("Why: {note}", note=what["note"])] if what.get("note") else []
    digest = _("Digest: {digest}", digest=_.code(str(what.get("draft") or facts["digest"])[:16]))
    return (*changes, *note, digest)


def _row(fields: list[Any]) -> LevelRow:
    return LevelRow(**dict(zip(LevelRow.model_fields, fields, strict=True)))


def _question(_: Words, facts: Facts) -> str:
    return _(
        "Ask whoever wants it, outside of this chat, why, and compare the digest. Approve lets it count for everybody "
        "about a minute later. This ends at {until}.",
        until=_.moment(facts["expires_at"]),
    )


def _name(_: Words, facts: Facts) -> str:
    return _("table {number} of the limits", number=facts["subject"])


LEVEL_TABLE: Final = Prompt(_heading, _lines, _question, _name)
