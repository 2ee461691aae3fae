"""/audit: what admins did, as the journal has it."""

from __future__ import annotations

import json
from typing import Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card
from bot.views.words import Words
from wallet_core.domain.journal import JournalRecord
from wallet_core.use_cases.journal_pages import Towards
from wallet_core.use_cases.show_audit import AuditPage

#: What is shown of a record's facts; Telegram takes 4,096 characters in all.
_LONGEST: Final = 160


def audit(_: Words, found: AuditPage) -> Card:
    """A page, newest first; kinds and facts are the journal's own words, by which they may be asked for."""
    page = found.page
    lines = [_record(_, record) for record in page.records] or [_("Nothing of that has happened yet.")]
    heading = _.bold(_("Audit log: {filter}", filter=_.ltr(found.about)))
    turning = (
        *_turn(_, _("Newer"), found.about, Towards.NEWER, page.newer),
        *_turn(_, _("Older"), found.about, Towards.OLDER, page.older),
    )
    whole = (Button(_("Everything"), Action.AUDIT),) if found.about != "all" else ()
    rows = tuple(row for row in (turning, whole) if row)
    return Card("\n\n".join((heading, *lines)), (*rows, keyboards.back(_, Action.DESK)))


def _turn(_: Words, label: str, about: str, towards: Towards, place: int | None) -> tuple[Button, ...]:
    return () if place is None else (Button(label, Action.AUDIT, f"{towards} {place} {about}"),)


def _record(_: Words, record: JournalRecord) -> str:
    facts = json.dumps(record.facts, default=str, ensure_ascii=False)
    shown = facts if len(facts) <= _LONGEST else f"{facts[:_LONGEST]}…"
    people = ", ".join(str(person) for person in record.people)
    head = _("{at} {kind}, by {by}", at=_.instant(record.at), kind=_.bold(_.ltr(record.kind)), by=_.ltr(record.by))
    on = _("on {people}", people=_.ltr(people)) if people else ""
    return "\n".join(part for part in (head, on, _.code(shown)) if part)
