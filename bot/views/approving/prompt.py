"""What a kind of approval has to say to the admins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.views.card import Row
from bot.views.confirmations import person_named
from bot.views.words import Html, Words
from wallet_core.domain.people import OPERATOR

Facts = Mapping[str, Any]
Teller = Callable[[Words, Facts], str]


def no_rows(_: Words, _facts: Facts) -> tuple[Row, ...]:
    """Everything is on the card."""
    return ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """Each gets the facts of ``approval_message``: ``what``, ``subject``, ``digest``, and those of its kind."""

    #: What needs a second admin.
    heading: Teller
    #: Everything that is to be done, in figures and names.
    lines: Callable[[Words, Facts], Iterable[str]]
    #: What to look at before one approves, and what approving does.
    question: Teller
    #: The short name of it in a list.
    name: Teller
    #: Buttons that open what the card has no room for, above those that decide.
    opening: Callable[[Words, Facts], tuple[Row, ...]] = no_rows


def who(_: Words, facts: Facts, role: str) -> Html:
    """Whoever asked or decided: ``role`` is the field that has their number."""
    person, name = facts.get(role), facts.get(f"{role}_name")
    if person == OPERATOR:
        return _("the server's own command line")
    return person_named(_, name, person) if name and person else _.ltr(f"id {person or '?'}")
