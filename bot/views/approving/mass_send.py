"""A mass send, as whoever approves it reads it: everything that its payer saw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from bot.views.approving.prompt import Facts, Prompt
from bot.views.card import Row
from bot.views.mass_faults import file_name
from bot.views.mass_figures import digest_line, lines_button, money, plan_lines
from bot.views.words import Words


def _send(facts: Facts) -> dict[str, Any]:
    return facts.get("mass_send") or {}


def _heading(_: Words, facts: Facts) -> str:
    return _("A mass send needs a second admin: {name}", name=file_name(_send(facts).get("file_name")))


def _lines(_: Words, facts: Facts) -> Iterable[str]:
    send = _send(facts)
    return (*plan_lines(_, send), "", digest_line(_, send)) if send else ()


def _question(_: Words, facts: Facts) -> str:
    return _(
        "Above {limit} within 24 hours it takes two. First you have to open the lines as a file. Ask whoever sent it, "
        "outside of this chat, what it is for and compare the digest. Approve pays it at once. This ends at {until}.",
        limit=money(_, facts["above_minor"]),
        until=_.moment(facts["expires_at"]),
    )


def _name(_: Words, facts: Facts) -> str:
    return _("mass send of {amount}", amount=money(_, facts["amount_minor"]))


def _opening(_: Words, facts: Facts) -> tuple[Row, ...]:
    return ((lines_button(_, facts["subject"]),),)


MASS_SEND: Final = Prompt(_heading, _lines, _question, _name, _opening)
