"""Tables of limits, as admins see them: what counts, what comes, a draft, and the tables before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.words import Html, Words
from wallet_core.domain.kyc import LevelVersion
from wallet_core.domain.level_table import BUILT_IN, LevelRow, LevelTable, typed_name, whole
from wallet_core.domain.people import Role
from wallet_core.use_cases.show_level_tables import LevelTablesPage
from wallet_core.use_cases.show_levels import LevelsNow

Facts = Mapping[str, Any]

#: What an owner may type, in every place that shows it.
EXAMPLE: Final = "/level 2 payout 12 3000"


def levels(_: Words, now: LevelsNow, role: Role | None) -> Card:
    """Every limit of every level, when another table begins, and the draft's changes."""
    lines = [
        _.bold(_("Limits a day: {table}", table=table_name(_, now.active.number))),
        *_level_lines(_, now.active),
        *([_next_line(_, now.next)] if now.next else []),
        "",
        *(_draft_lines(_, now) if now.draft else [_how(_)]),
    ]
    tables_row = (Button(_("Tables"), Action.LEVEL_TABLES, "1"),)
    return Card("\n".join(lines), (*_draft_rows(_, now, role), tables_row, keyboards.back(_, Action.DESK)))


def table_name(_: Words, number: int) -> Html:
    """A table by its number."""
    return _("table 0, built in") if number == BUILT_IN else _("table {number}", number=number)


def change_line(_: Words, before: LevelRow, after: LevelRow) -> Html:
    """One limit that becomes another."""
    return _(
        "• level {level} {operation}: {before} → {after}",
        level=after.level,
        operation=_.ltr(typed_name(after.operation)),
        before=_allowance(_, before),
        after=_allowance(_, after),
    )


def purpose(_: Words, now: LevelsNow) -> str:
    """What the owner's code is asked for."""
    return _("ask another owner for table {number} of the limits", number=now.newest.number + 1)


def tables(_: Words, page: LevelTablesPage) -> Card:
    """The tables that were ever approved, newest first."""
    lines = [_origin(_, one) for one in page.tables] or [_("None was ever approved.")]
    how = _("To begin a draft with an earlier one: {command}", command=_.code("/level from 0"))
    heading = _.bold(_("Tables of limits, page {page}", page=page.number))
    turn = keyboards.pages(_, Action.LEVEL_TABLES, page.number, has_more=page.has_more)
    return Card("\n".join((heading, *lines, how)), (*turn, keyboards.back(_, Action.LEVELS)))


def bad_level(_: Words, facts: Facts) -> str:
    """What may be typed instead, or what has to begin first."""
    if "begins_at" in facts:
        return _(
            "Table {number} begins at {moment}. Another one can be asked for after that. Nothing was changed.",
            number=facts["number"],
            moment=_.moment(facts["begins_at"]),
        )
    if "operations" not in facts:
        return _("I could not read that limit. Write it like this: {example}", example=_.code(EXAMPLE))
    return _(
        "Write level, operation, count and ITD a day, such as {example}. Levels: {levels}. Operations: {operations}. "
        "The count is {count} at most. Nothing was changed.",
        example=_.code(EXAMPLE),
        levels=_.ltr(", ".join(str(level) for level in facts["levels"])),
        operations=_.ltr(", ".join(facts["operations"])),
        count=facts["most_count"],
    )


def _level_lines(_: Words, version: LevelVersion) -> list[Html]:
    lines: list[Html] = []
    for level in sorted(version.levels):
        lines.append(_.bold(_("Level {level}", level=level)))
        rows = (row for row in whole(version) if row.level == level)
        lines += [_row_line(_, row) for row in rows]
    return lines


def _row_line(_: Words, row: LevelRow) -> Html:
    return _("{operation}: {limit}", operation=_.ltr(typed_name(row.operation)), limit=_allowance(_, row))


def _allowance(_: Words, row: LevelRow) -> Html:
    return _("{count} and {amount}", count=row.count, amount=_.amount(row.amount_minor))


def _next_line(_: Words, version: LevelVersion) -> Html:
    begins_at = _.instant(version.begins_at) if version.begins_at else Html("?")
    return _("From {moment} on table {number} counts.", moment=begins_at, number=version.number)


def _how(_: Words) -> str:
    return _(
        "To change something, write {example}: level, operation, count and ITD a day. That begins a draft. Nothing "
        "counts before another owner approves it.",
        example=_.code(EXAMPLE),
    )


def _draft_lines(_: Words, now: LevelsNow) -> list[str]:
    note = now.draft.note if now.draft else ""
    why = _("Why: {note}", note=note) if note else _("Say why with {command}.", command=_.code("/level note …"))
    outdated = now.draft is not None and now.draft.base != now.newest.number
    return [
        _.bold(_("Your draft would change:")),
        *([change_line(_, was, row) for was, row in now.changes] or [_("Nothing yet.")]),
        why,
        *([_("Another table was stored since you began: discard this draft and begin anew.")] if outdated else []),
    ]


def _draft_rows(_: Words, now: LevelsNow, role: Role | None) -> tuple[Row, ...]:
    if now.draft is None or role is not Role.OWNER:
        return ()
    ask = (Button(_("Ask for approval"), Action.LEVELS_ASK, now.draft.digest),) if now.changes else ()
    return ((*ask, Button(_("Discard draft"), Action.LEVELS_DISCARD)),)


def _origin(_: Words, table: LevelTable) -> Html:
    facts = {
        "table": table_name(_, table.id),
        "moment": _.instant(table.begins_at),
        "by": _.ltr(str(table.by)),
        "approved_by": _.ltr(str(table.approved_by)),
    }
    if table.note:
        return _(
            "{table}: from {moment} on, asked for by person {by}, approved by person {approved_by}: {note}",
            note=table.note,
            **facts,
        )
    return _("{table}: from {moment} on, asked for by person {by}, approved by person {approved_by}", **facts)
