"""A role, as the owner who approves it reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.views.approving.prompt import Facts, Prompt
from bot.views.confirmations import person_named
from bot.views.roles import role_name
from bot.views.words import Html, Words


def _person(_: Words, facts: Facts) -> Html:
    person, name = facts["what"]["person"], facts.get("person_name")
    return person_named(_, name, person) if name else _.ltr(f"id {person}")


def _heading(_: Words, facts: Facts) -> str:
    return _("A change of a role needs a second owner")


def _lines(_: Words, facts: Facts) -> Iterable[str]:
    before, after = facts["what"]["before"], facts["what"]["role"]
    return (
        _("Person: {name}", name=_person(_, facts)),
        _("From {before} to {after}", before=role_name(_, before), after=role_name(_, after)),
    )


def _question(_: Words, facts: Facts) -> str:
    return _(
        "Ask whoever sent it, outside of this chat, whether it was them. Approve changes the role at once. This ends "
        "at {until}.",
        until=_.moment(facts["expires_at"]),
    )


def _name(_: Words, facts: Facts) -> str:
    role = role_name(_, facts["what"]["role"])
    return _("role of person {id}: {role}", id=_.ltr(str(facts["what"]["person"])), role=role)


ROLE: Final = Prompt(_heading, _lines, _question, _name)
