"""A large withdrawal in review, as the second admin reads it: what the first one saw, with the whole trace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.views.approving.prompt import Facts, Prompt
from bot.views.mass_figures import money
from bot.views.reviews import trace_lines, withdrawal_lines
from bot.views.words import Words


def _heading(_: Words, facts: Facts) -> str:
    return _("A large withdrawal needs a second admin")


def _lines(_: Words, facts: Facts) -> Iterable[str]:
    found = facts.get("withdrawal")
    return (
        (*withdrawal_lines(_, found, name=found.get("name")), "", *trace_lines(_, found["decision"])) if found else ()
    )


def _question(_: Words, facts: Facts) -> str:
    return _(
        "Another admin has approved it. Look for yourself: your approval queues the payout at once. To refuse the "
        "withdrawal itself, use /reviews. This ends at {until}.",
        until=_.moment(facts["expires_at"]),
    )


def _name(_: Words, facts: Facts) -> str:
    found = facts.get("withdrawal")
    if not found:
        return _("withdrawal {id}", id=_.code(str(facts["subject"])))
    return _("withdrawal of {amount}", amount=money(_, found["amount_minor"]))


WITHDRAWAL: Final = Prompt(_heading, _lines, _question, _name)
