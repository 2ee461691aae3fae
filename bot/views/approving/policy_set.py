"""A set of rules for withdrawals, as the owner who approves it reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.actions import Action
from bot.views.approving.prompt import Facts, Prompt
from bot.views.card import Button, Row
from bot.views.policy_sets import change_lines
from bot.views.words import Words


def _heading(_: Words, facts: Facts) -> str:
    return _("Set {number} of the rules for withdrawals needs a second owner", number=facts["what"]["number"])


def _lines(_: Words, facts: Facts) -> Iterable[str]:
    note = facts["what"]["note"]
    return (*([_("Why: {note}", note=note)] if note else []), *change_lines(_, facts["what"]["changes"]))


def _question(_: Words, facts: Facts) -> str:
    return _(
        "Approve switches these rules on at once, for every withdrawal. This ends at {until}.",
        until=_.moment(facts["expires_at"]),
    )


def _name(_: Words, facts: Facts) -> str:
    return _("set {number} of the rules for withdrawals", number=facts["what"]["number"])


def _dry_run(_: Words, facts: Facts) -> tuple[Row, ...]:
    return ((Button(_("Dry run: last week"), Action.POLICY_DRY_RUN_ASKED, facts["id"]),),)


POLICY_SET: Final = Prompt(_heading, _lines, _question, _name, _dry_run)
